// The text of report_page.html, put into the binary by the build.
#pragma once

#include <string_view>

namespace spillway::load {

extern const std::string_view kReportTemplate;  // holds `"%DATA%"` once

}  // namespace spillway::load
