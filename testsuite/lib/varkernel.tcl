# Generates kernels for the test of variables: one text for the GPU (OpenCL C, C or HIP) and one for the host that says at every line what every
# initialised variable holds for a work-item. The same seed gives the same texts on every machine.

namespace eval varkernel {
    variable state 1
    # name -> C type, how the host prints it (i signed, u unsigned, f floating), expression from an int
    variable types {
	char	i {(char)(%s & 63)}	uchar	u {(uchar)(%s & 255)}	short	i {(short)(%s - 9000)}
	ushort	u {(ushort)(%s * 3)}	int	i {%s - 5000}		uint	u {(uint)%s * 70000u}
	long	i {(long)%s * -1000003}	ulong	u {(ulong)%s << 33}	float	f {(float)%s * 0.5f}
	double	f {(double)%s * 0.125}	half	f {(half)(%s & 127)}	boolean	b {(%s & 1) != 0}
    }
}

# A number in 0..n-1.
proc varkernel::pick {n} {
    variable state
    set state [expr {($state * 1103515245 + 12345) & 0x7fffffff}]
    return [expr {($state >> 8) % $n}]
}

proc varkernel::one_of {list} { return [lindex $list [pick [llength $list]]] }

proc varkernel::type_row {type} {
    variable types
    foreach {name how text} $types { if {$name eq $type} { return [list $how $text] } }
    error "no type $type"
}

# An expression of type int with a value in 0..16383, of what is in scope.
proc varkernel::number {} {
    variable ints
    set a [one_of $ints]
    set b [one_of [concat $ints [list [pick 100]]]]
    set op [one_of {+ * ^ - |}]
    return "((int)(((uint)$a $op (uint)$b) & 0x3fffu))"
}

# One line for the GPU. `record`: the host says first what is live, and the line is one to stop at.
proc varkernel::line {text {record 1}} {
    variable device; variable host; variable live; variable stops; variable scopes; variable function
    lappend device $text
    set n [llength $device]
    if {$record} {
	set said ""
	foreach v $live { append said " SAY($n, \"[lindex $v 0]\"); [lindex $v 1] DONE();" }
	lappend host "$said"
	lappend stops $n
    }
    lappend host $text
}

proc varkernel::say {how what} {
    return [string map [list %h [string toupper $how] %w $what] {%h(%w);}]
}

# Declares a variable: text of the line, how the host prints it.
proc varkernel::declare {name text say} {
    variable live
    line $text
    lappend live [list $name $say]
}

# A number of which only the lower bits are wanted later: optimisers leave the others as they please, and the debug information may not say so.
proc varkernel::wanted_in_part {} {
    variable ints; variable serial
    set name n[incr serial]
    set type [one_of {int uint short ushort uchar}]
    lassign [type_row $type] how
    set a [one_of $ints]
    set b [one_of [concat $ints [pick 100]]]
    set text "((uint)$a [one_of {+ * ^ - |}] (uint)$b) [one_of {+ - * ^ |}] [one_of {5000u 70000u 0xfff0u 0x12345u 3u 0x80000001u}]"
    declare $name "$type $name = ($type)($text);" [say $how $name]
    switch [pick 3] {
	0 { line "in\[i\] += (int)((uint)$name & [one_of {1u 15u 0xffu 0xf0u}]);" }
	1 { line "if ((uint)$name & [one_of {1u 8u}]) in\[i\] ^= (int)((uint)$name & 0x3fu);" }
	2 { lappend ints $name }
    }
}

proc varkernel::scalar {} {
    variable types; variable ints; variable serial
    set name v[incr serial]
    set type [one_of {char uchar short ushort int int uint long ulong float double half boolean}]
    lassign [type_row $type] how text
    declare $name "$type $name = [format $text [number]];" [say $how $name]
    if {$type in {char uchar short ushort int uint}} { lappend ints $name }
    return [list $name $type]
}

proc varkernel::array {} {
    variable ints; variable serial; variable pointers
    set name a[incr serial]
    set type [one_of {short int float}]
    lassign [type_row $type] how text
    set inits {}
    set said "TEXT(\"{\");"
    for {set k 0} {$k < 3} {incr k} {
	lappend inits [format $text [number]]
	append said " [expr {$k ? "TEXT(\", \");" : {}}] [say $how "$name\[$k\]"]"
    }
    declare $name "$type $name\[3\] = { [join $inits {, }] };" "$said TEXT(\"}\");"
    set p p[incr serial]
    declare *$p "PRIVATE $type *$p = &$name\[i % 3\];" [say $how *$p]
    lappend pointers $p
}

proc varkernel::structure {} {
    variable serial
    set name s[incr serial]
    declare $name "struct pair $name = { (char)([number] & 63), [number], (double)[number] * 0.25, { (short)[number], 7 } };" \
	"TEXT(\"{c = \"); I($name.c); TEXT(\", n = \"); I($name.n); TEXT(\", d = \"); F($name.d); TEXT(\", h = {\"); I($name.h\[0\]); TEXT(\", \"); I($name.h\[1\]); TEXT(\"}}\");"
    return $name
}

# A vector of four, one element of its own.
proc varkernel::vector {} {
    variable serial
    set name q[incr serial]
    set said "TEXT(\"{\");"
    foreach k {0 1 2 3} { append said " [expr {$k ? "TEXT(\", \");" : {}}] F($name\[$k\]);" }
    declare $name "vec4 $name = { (float)[number], 0.5f, (float)[number] * 0.25f, -1.0f };" "$said TEXT(\"}\");"
    line "$name.y = (float)[number] * 0.125f;"
}

# An enumeration, a union, a structure with bit-fields where the language has them.
proc varkernel::odd {} {
    variable serial
    set n [incr serial]
    declare e$n "enum colour e$n = [number] & 1 ? GREEN : BLUE;" "TEXT(e$n == GREEN ? \"GREEN\" : \"BLUE\");"
    declare u$n.n "union both u$n; u$n.n = [number];" "I(u$n.n);"
    declare b$n "struct bits b$n = { (uint)[number] & 7, ([number] & 63) - 32, (ulong)[number] << 9 };" \
	"TEXT(\"{a = \"); U(b$n.a); TEXT(\", b = \"); I(b$n.b); TEXT(\", c = \"); U(b$n.c); TEXT(\"}\");"
}

# A pointer to a pointer to private memory, pointers in a structure.
proc varkernel::pointers {} {
    variable serial; variable pointers
    if {![llength $pointers]} { return }
    set n [incr serial]
    declare h$n "struct holder h$n = { g, lds2, [number] };" "TEXT(\"\");"
    variable live
    # addresses differ from the host's; what they lead to does not
    set live [lrange $live 0 end-1]
    lappend live [list *h$n.g "I(*h$n.g);"] [list h$n.k "I(h$n.k);"] [list h$n.l\[7\] "I(21);"]
}

# A block with its own scope.
proc varkernel::block {head} {
    variable live; variable ints; variable serial
    set kept [list $live $ints]
    line "$head \{" 0
    return $kept
}
proc varkernel::end_block {kept} {
    variable live; variable ints
    line "\}" 0
    lassign $kept live ints
}

proc varkernel::loop {} {
    variable live; variable ints; variable serial
    set k k[incr serial]
    set sum t[incr serial]
    declare $sum "int $sum = [number];" [say i $sum]
    set kept [block "for (int $k = 0; $k < 2 + (i & 1); $k++)"]
    lappend live [list $k [say i $k]]
    lappend ints $k
    scalar
    line "$sum = ($sum + [number]) & 0x3fff;"
    end_block $kept
    lappend ints $sum
}

proc varkernel::branch {} {
    variable live; variable ints
    set kept [block "if ((i ^ [pick 4]) & [one_of {1 2 3}])"]
    scalar
    line "in\[i\] += [number] & 15;"
    end_block $kept
}

proc varkernel::assign {} {
    variable ints; variable serial
    set name w[incr serial]
    declare $name "int $name = [number];" [say i $name]
    line "$name = ($name ^ [number]) + 3;"
    lappend ints $name
}

proc varkernel::call {function} {
    variable serial; variable ints
    set s [structure]
    set name r[incr serial]
    declare $name "int $name = $function\([number], (short)[number], (float)[number] * 0.5f, (long)[number] * 1000001, $s\);" [say i $name]
    lappend ints $name
}

proc varkernel::function {name} {
    variable live; variable ints; variable serial
    set live [list {i {I(i);}} [list x$name [say i x$name]] [list y$name [say f y$name]] [list z$name [say i z$name]]]
    set ints {i}
    line "static NOINLINE int $name\(int i, short x$name, float y$name, long z$name, struct pair q$name\)" 0
    line "\{" 0
    lappend ints q$name.n
    lappend live [list q$name "TEXT(\"{c = \"); I(q$name.c); TEXT(\", n = \"); I(q$name.n); TEXT(\", d = \"); F(q$name.d); TEXT(\", h = {\"); I(q$name.h\[0\]); TEXT(\", \"); I(q$name.h\[1\]); TEXT(\"}}\");"]
    scalar
    set last [assign]
    line "return (int)(([number] + x$name + (int)y$name + (int)z$name) & 0x3fff);"
    line "\}" 0
}

# A function all of whose numbers are wanted whole, so that optimised code has them.
proc varkernel::whole {name} {
    variable live
    set live [list {a {F(a);}} {b {F(b);}}]
    line "static NOINLINE float $name\(GLOBAL int *o, float a, float b)" 0
    line "\{" 0
    declare m {float m = a * b;} {F(m);}
    declare s {float s = m + a;} {F(s);}
    line {*o += (int)s & 15;}
    declare t {float t = s * 0.5f - b;} {F(t);}
    line {*o ^= (int)t & 7;}
    line {return t + m;}
    line "\}" 0
}

# Makes a kernel `k` of (in, out, n) from a seed: dict with lists of lines `device` and `host`, and `stops`: lines at which the host said something.
proc varkernel::make {seed steps} {
    variable state; variable device; variable host; variable live; variable stops; variable ints; variable serial; variable pointers
    set state $seed
    set device {}; set host {}; set live {}; set stops {}; set ints {}; set pointers {}; set serial 0
    for {set k 0} {$k < 8} {incr k} { pick 2 }
    line {#include "varkernel.h"} 0
    line {struct pair { char c; int n; double d; short h[2]; };} 0
    line {enum colour { RED, GREEN = 5, BLUE = -3 };} 0
    line {union both { int n; float f; uchar b[8]; };} 0
    line {struct bits { uint a BITS(3); int b BITS(7); ulong c BITS(40); };} 0
    line {struct holder { GLOBAL int *g; LOCAL short *l; int k; };} 0
    function f
    whole f2
    line {KERNEL void k(GLOBAL int *in, GLOBAL int *out, int n)} 0
    line "\{" 0
    set live [list [list n [say i n]]]
    set ints {n}
    line "LDS(int, lds, 64);" 0
    line "LDS(short, lds2, 20);" 0
    line "LDS(double, lds3, 3);" 0
    line "int i = WORK_ITEM;" 0
    lappend live {i {I(i);}}
    lappend ints i
    declare *g "GLOBAL int *g = in + i;" {I(*g);}
    line {out[i] = (int)f2(out + i, (float)i, (float)(*g & 31)) & 3;}
    line "lds\[i\] = *g * 3 + 1;"
    lappend live {lds[i] {I(lds[i]);}}
    line "if (i < 20) lds2\[i\] = (short)(i * 3);"
    line "if (i < 3) lds3\[i\] = i * 0.5;"
    # of every lane the same, and not changed again
    lappend live {lds2[7] {I(21);}} {lds3[2] {F(1.0);}}
    declare *l "LOCAL int *l = &lds\[i\];" {I(*l);}
    for {set k 0} {$k < $steps} {incr k} {
	switch [expr {$k < 10 ? $k : [pick 13]}] {
	    0 - 10 { scalar }
	    11 - 12 { wanted_in_part }
	    7 { vector }
	    8 { odd }
	    9 { pointers }
	    1 { array; wanted_in_part }
	    2 { structure }
	    3 { loop }
	    4 { branch }
	    5 { assign }
	    6 { call f }
	}
    }
    line "out\[i\] = ((uint)[join $ints { + (uint)}]) & [one_of {0xffffu 0xffu 0xfffu 7u}];"
    line "lds\[i\] = 0; out\[i\] += lds2\[i % 20\] + (int)lds3\[i % 3\];" 0
    line "\}" 0
    return [dict create device $device host $host stops $stops]
}
