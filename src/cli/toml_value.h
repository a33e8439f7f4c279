// A TOML value as it would stand on the command line. Includes toml++, which is a large header.
#pragma once

#define TOML_EXCEPTIONS 0
#include <fmt/core.h>
#include <toml++/toml.h>

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace spillway::cli {

// Nothing for arrays, tables and dates.
inline std::optional<std::string> as_text(const toml::node& node) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* number = node.as_integer()) return fmt::format("{}", number->get());
  if (const auto* number = node.as_floating_point()) return fmt::format("{}", number->get());
  if (const auto* truth = node.as_boolean()) return truth->get() ? "true" : "false";
  return std::nullopt;
}

// `text` is the content of the file called `path`.
inline Result<toml::table> parse_toml(std::string_view text, const std::string& path) {
  toml::parse_result parsed = toml::parse(text, path);
  if (parsed) return std::move(parsed).table();
  const auto& problem = parsed.error();
  return Error{fmt::format("{}: line {}: {}; mend the TOML there", path,
                           problem.source().begin.line, problem.description())};
}

}  // namespace spillway::cli
