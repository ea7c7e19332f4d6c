"""The console: pages for moderators and administrators, each group a module, behind one door."""
