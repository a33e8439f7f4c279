// A scenario of `spillway load`: a TOML file with flags of the command at its top, and tables for
// what the viewers do besides.
#pragma once

#include <string>
#include <string_view>

#include "cli/config.h"
#include "cli/flags.h"
#include "load/scenario.h"

namespace spillway::cli {

struct ScenarioFile {
  Settings settings;  // by the name of their flag
  load::Scenario scenario;
};

// `text` is the content of the file called `path`. Its form is in docs/load.md; the Error names
// the key and the mend.
Result<ScenarioFile> read_scenario(std::string_view text, const std::string& path,
                                   const FlagSet& flags);

}  // namespace spillway::cli
