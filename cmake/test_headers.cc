// Only there so that its target can precompile what tests include; see targets.cmake.
