// The TOML layer. Apart, because toml++ is a large header.
#include <fmt/core.h>

#include "cli/commands.h"
#include "cli/config.h"
#include "cli/toml_value.h"

namespace spillway::cli {
namespace {

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
  const auto file = parse_toml(text, path);
  if (!file) return file.error();
  if (const Status status = check_tables(*file, path); !status) return status.error();
  Settings settings;
  const toml::table* const table = (*file)[info.name].as_table();
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
