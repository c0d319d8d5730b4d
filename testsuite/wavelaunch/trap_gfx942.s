// Second-level trap handler for gfx940 to gfx942, debug list version 10. Entered from the driver's first-level handler with
//   ttmp0:1   PC; trap id in ttmp1[23:16], host trap in ttmp1[24]
//   ttmp6     [28:25] trap id of the stop, [29] STATUS.HALT at entry, [30] stopped, [31] group ids unknown
//   ttmp11    [31] trap temporaries are initialised
//   ttmp12    STATUS to go back to
//   ttmp13    [31:26] IB_STS to go back to, [23] a debugger is attached
// ttmp2, 3, 14, 15 are free. traphandler.c holds the words of this file; a test compares the two.

	.text
trap:
	s_bfe_u32	ttmp2, ttmp1, 0x80010		// trap id
	s_cbranch_scc0	stop				// none: an exception
	s_bitcmp1_b32	ttmp1, 24			// host traps are for profilers
	s_cbranch_scc1	leave
	s_add_u32	ttmp0, ttmp0, 4			// go on behind the s_trap
	s_addc_u32	ttmp1, ttmp1, 0
	s_cmp_lg_u32	ttmp2, 3			// a debug trap is nothing without a debugger
	s_cbranch_scc1	stop
	s_bitcmp0_b32	ttmp13, 23
	s_cbranch_scc1	leave

stop:	// leave word of the stop for the debugger
	s_min_u32	ttmp2, ttmp2, 15
	s_lshl_b32	ttmp2, ttmp2, 25
	s_and_b32	ttmp6, ttmp6, 0xc1ffffff
	s_or_b32	ttmp6, ttmp6, ttmp2
	s_bfe_u32	ttmp2, ttmp12, 0x1000d		// STATUS.HALT
	s_lshl_b32	ttmp2, ttmp2, 29
	s_or_b32	ttmp6, ttmp6, ttmp2

	// the doorbell tells the driver which queue this is; the answer comes in EXEC
	s_mov_b64	ttmp[2:3], exec
	s_mov_b32	exec_lo, 0x80000000
	s_sendmsg	sendmsg(MSG_GET_DOORBELL)
doorbell:
	s_nop		7
	s_bitcmp1_b32	exec_lo, 31
	s_cbranch_scc1	doorbell
	s_mov_b32	ttmp14, exec_lo
	s_mov_b64	exec, ttmp[2:3]
	s_and_b32	ttmp14, ttmp14, 0x3ff

	// bit 10 + (code - 1) for each exception
	s_getreg_b32	ttmp2, hwreg(HW_REG_TRAPSTS)
	s_bitcmp1_b32	ttmp2, 28			// XNACK_ERROR
	s_cbranch_scc0	not_unmapped
	s_bitset1_b32	ttmp14, 14
	s_branch	not_aperture
not_unmapped:
	s_bitcmp1_b32	ttmp2, 8			// MEM_VIOL
	s_cbranch_scc0	not_aperture
	s_bitset1_b32	ttmp14, 15
not_aperture:
	s_bitcmp1_b32	ttmp2, 11			// ILLEGAL_INST
	s_cbranch_scc0	not_illegal
	s_bitset1_b32	ttmp14, 13
not_illegal:
	s_and_b32	ttmp2, ttmp2, 0x7f		// math exceptions that are enabled
	s_lshl_b32	ttmp2, ttmp2, 12
	s_getreg_b32	ttmp3, hwreg(HW_REG_MODE)
	s_and_b32	ttmp2, ttmp2, ttmp3
	s_cbranch_scc0	not_math
	s_bitset1_b32	ttmp14, 12
not_math:
	s_bfe_u32	ttmp2, ttmp1, 0x80010
	s_cmp_lg_u32	ttmp2, 2			// abort
	s_cbranch_scc1	not_abort
	s_bitset1_b32	ttmp14, 10
not_abort:
	s_and_b32	ttmp2, ttmp14, 0xfc00
	s_cbranch_scc1	send
	s_bitset1_b32	ttmp14, 11			// any other trap
send:
	s_mov_b32	ttmp2, m0
	s_mov_b32	m0, ttmp14
	s_nop		0
	s_sendmsg	sendmsg(MSG_INTERRUPT)
	s_waitcnt	lgkmcnt(0)
	s_mov_b32	m0, ttmp2

	// halt; SKIP_EXPORT marks a wave that this handler stopped
	s_bitset1_b32	ttmp6, 30
	s_or_b32	ttmp12, ttmp12, 0x42000
	s_bitcmp1_b32	ttmp11, 31
	s_cbranch_scc1	leave
	s_mov_b64	ttmp[4:5], 0
	s_bitset0_b32	ttmp6, 31
	s_bitset1_b32	ttmp11, 31

leave:
	s_lshr_b32	ttmp2, ttmp13, 11		// IB_STS.RCNT and FIRST_REPLAY
	s_and_b32	ttmp2, ttmp2, 0x1f8000
	s_setreg_b32	hwreg(HW_REG_IB_STS), ttmp2
	s_and_b32	ttmp1, ttmp1, 0xffff
	s_and_b64	exec, exec, exec		// EXECZ and VCCZ
	s_and_b64	vcc, vcc, vcc
	s_lshr_b32	ttmp2, ttmp12, 3		// STATUS without SPI_PRIO, SCC last
	s_setreg_b32	hwreg(HW_REG_STATUS, 3, 29), ttmp2
	s_setreg_b32	hwreg(HW_REG_STATUS, 0, 1), ttmp12
	s_rfe_b64	ttmp[0:1]
	s_endpgm
