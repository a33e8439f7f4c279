// A run in writing: as JSON, as a page, as a few lines.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "load/expectation.h"
#include "load/options.h"
#include "load/run.h"

namespace spillway::load {

// What a report says about itself.
struct ReportHead {
  std::string command;  // that makes the run again
  std::string commit;   // of this binary
  std::string at;       // when it began, ISO 8601
};

// What a run was told and what became of it.
struct Report {
  const ReportHead& head;
  const LoadOptions& options;
  const RunResult& result;
  const std::vector<Judgement>& judgements;
};

// One object on one line; the fields are in docs/load.md. `extra` is put before the last brace:
// more members, each with its comma in front.
std::string report_json(const Report& report, std::string_view extra = {});

// A page that needs nothing else.
std::string report_page(const Report& report);

// What somebody at the end of a run wants to read first.
std::string report_text(const Report& report);

// {"cpu":…,"cores":…,"kernel":…} of this machine.
std::string machine_json();

}  // namespace spillway::load
