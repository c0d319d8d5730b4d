# wavelaunch
