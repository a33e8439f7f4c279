// The TOML layer. Apart, because toml++ is a large header.
#define TOML_EXCEPTIONS 0
#include <fmt/core.h>
#include <toml++/toml.h>

#include "cli/commands.h"
#include "cli/config.h"

namespace spillway::cli {
namespace {

// A value as it would stand on the command line; nothing for arrays, tables and dates.
std::optional<std::string> as_text(const toml::node& node) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* number = node.as_integer()) return fmt::format("{}", number->get());
  if (const auto* number = node.as_floating_point()) return fmt::format("{}", number->get());
  if (const auto* truth = node.as_boolean()) return truth->get() ? "true" : "false";
  return std::nullopt;
}

Status check_tables(const toml::table& file, const std::string& path) {
  for (const auto& [key, node] : file) {
    const std::string name(key.str());
    if (find_command(name) == nullptr) {
      return Error{
          fmt::format("{}: '{}' is not a command; put settings into a table like [server] or [up]",
                      path, name)};
    }
    if (!node.is_table()) {
      return Error{fmt::format("{}: '{}' is not a table; write [{}]", path, name, name)};
    }
  }
  return ok();
}

}  // namespace

Result<Settings> read_config(std::string_view text, const std::string& path,
                             const CommandInfo& info, const FlagSet& flags) {
  const toml::parse_result parsed = toml::parse(text, path);
  if (!parsed) {
    const auto& problem = parsed.error();
    return Error{fmt::format("{}: line {}: {}; mend the TOML there", path,
                             problem.source().begin.line, problem.description())};
  }
  if (const Status status = check_tables(parsed.table(), path); !status) return status.error();
  Settings settings;
  const toml::table* const table = parsed.table()[info.name].as_table();
  if (table == nullptr) return settings;
  for (const auto& [key, node] : *table) {
    const std::string name(key.str());
    const std::string source = fmt::format("{}: {}.{}", path, info.name, name);
    if (flags.find(name) == nullptr) {
      return Error{
          fmt::format("{} is not a setting; `spillway {} --help` lists them", source, info.name)};
    }
    auto value = as_text(node);
    if (!value) return Error{source + ": the value must be a text, a number or true or false"};
    settings[name] = {std::move(*value), source};
  }
  return settings;
}

}  // namespace spillway::cli
