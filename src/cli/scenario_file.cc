#include "cli/scenario_file.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include "base/units.h"
#include "cli/toml_value.h"

namespace spillway::cli {
namespace {

using std::chrono::microseconds;

constexpr std::size_t kBurstsMax = 1000;
constexpr std::size_t kRaidsMax = 100;
constexpr double kFactorMax = 1e6;

// One table of the file. Remembers the first thing that is wrong, so that what reads it needs to
// ask only once.
class Table {
 public:
  Table(const toml::table& table, std::string name) : table_(table), name_(std::move(name)) {}

  Duration time(std::string_view key, Duration otherwise) {
    const auto text = text_of(key);
    if (!text) return otherwise;
    const auto time = parse_duration(*text);
    if (!time) return fail(key, time.error().message), otherwise;
    constexpr microseconds kMax = DurationBounds{}.max;
    if (*time > kMax) {
      return fail(key, fmt::format("'{}' is more than {}", *text, format_duration(kMax))),
             otherwise;
    }
    return *time;
  }

  double number(std::string_view key, double min, double max, double otherwise) {
    const toml::node* const node = find(key);
    if (node == nullptr) return otherwise;
    const auto number = node->value<double>();
    if (!number || !(*number >= min && *number <= max)) {
      return fail(key, fmt::format("give a number from {:g} to {:g}", min, max)), otherwise;
    }
    return *number;
  }

  std::uint32_t whole(std::string_view key, std::uint32_t min, std::uint32_t max,
                      std::uint32_t otherwise) {
    const double value = number(key, min, max, otherwise);
    if (value != std::floor(value)) fail(key, "give a whole number");
    return static_cast<std::uint32_t>(value);
  }

  // "1%".
  double share(std::string_view key, double otherwise) {
    const auto text = text_of(key);
    if (!text) return otherwise;
    const auto share = parse_percent(*text);
    if (!share) return fail(key, share.error().message), otherwise;
    return *share;
  }

  std::size_t size(std::string_view key, std::size_t otherwise) {
    const auto text = text_of(key);
    if (!text) return otherwise;
    const auto size = parse_size(*text);
    if (!size) return fail(key, size.error().message), otherwise;
    return *size;
  }

  // After everything that may stand in it was asked for.
  Status done() {
    for (const auto& [key, node] : table_) {
      const std::string_view name = key.str();
      if (std::find(known_.begin(), known_.end(), name) == known_.end()) {
        fail(name, "there is no such setting; docs/load.md lists them");
      }
    }
    if (wrong_.empty()) return ok();
    return Error{wrong_};
  }

 private:
  const toml::node* find(std::string_view key) {
    known_.emplace_back(key);
    return table_.get(key);
  }

  std::optional<std::string> text_of(std::string_view key) {
    const toml::node* const node = find(key);
    if (node == nullptr) return std::nullopt;
    auto text = as_text(*node);
    if (!text) fail(key, "give a text or a number");
    return text;
  }

  void fail(std::string_view key, std::string_view why) {
    if (wrong_.empty()) wrong_ = fmt::format("{}.{}: {}", name_, key, why);
  }

  const toml::table& table_;
  const std::string name_;
  std::vector<std::string> known_;
  std::string wrong_;
};

Result<load::Burst> read_burst(Table table) {
  load::Burst burst;
  burst.at = table.time("at", burst.at);
  burst.lasts = table.time("for", burst.lasts);
  burst.factor = table.number("factor", 1 / kFactorMax, kFactorMax, burst.factor);
  if (const Status status = table.done(); !status) return status.error();
  return burst;
}

Result<load::Raid> read_raid(Table table) {
  load::Raid raid;
  raid.at = table.time("at", raid.at);
  raid.within = table.time("within", raid.within);
  raid.viewers = table.whole("viewers", 1, 1'000'000, 5000);
  raid.room = table.whole("room", 1, 100'000, 1) - 1;
  if (const Status status = table.done(); !status) return status.error();
  return raid;
}

Status read_churn(Table table, load::Churn& churn) {
  churn.stay = table.time("stay", churn.stay);
  churn.away = table.time("away", churn.away);
  return table.done();
}

Status read_slow(Table table, load::SlowViewers& slow) {
  slow.share = table.share("viewers", slow.share);
  slow.bytes_per_second = table.size("read", slow.bytes_per_second);
  return table.done();
}

// [[name]], each read by `read`.
template <typename Item>
Status read_list(const toml::node& node, const std::string& source, std::size_t items_max,
                 Result<Item> (*read)(Table), std::vector<Item>& items) {
  const toml::array* const array = node.as_array();
  if (array == nullptr) {
    return Error{fmt::format("{}: is not a list; write [[...]] over each", source)};
  }
  for (const toml::node& one : *array) {
    const toml::table* const table = one.as_table();
    if (table == nullptr) {
      return Error{fmt::format("{}: is not a list of tables; write [[...]] over each", source)};
    }
    auto item = read(Table(*table, source));
    if (!item) return item.error();
    items.push_back(std::move(*item));
    if (items.size() > items_max) {
      return Error{fmt::format("{}: there are too many; {} are allowed", source, items_max)};
    }
  }
  return ok();
}

// A key that is no flag. Nothing: it is none of ours.
std::optional<Status> read_shape(std::string_view key, const toml::node& node,
                                 const std::string& source, load::Scenario& scenario) {
  if (key == "burst") return read_list(node, source, kBurstsMax, read_burst, scenario.bursts);
  if (key == "raid") return read_list(node, source, kRaidsMax, read_raid, scenario.raids);
  const toml::table* const table = node.as_table();
  if (key != "churn" && key != "slow") return std::nullopt;
  if (table == nullptr) return Error{fmt::format("{}: is not a table; write [{}]", source, key)};
  return key == "churn" ? read_churn(Table(*table, source), scenario.churn)
                        : read_slow(Table(*table, source), scenario.slow);
}

}  // namespace

Result<ScenarioFile> read_scenario(std::string_view text, const std::string& path,
                                   const FlagSet& flags) {
  const auto file = parse_toml(text, path);
  if (!file) return file.error();
  ScenarioFile read;
  for (const auto& [key, node] : *file) {
    const std::string name(key.str());
    const std::string source = fmt::format("{}: {}", path, name);
    if (const auto status = read_shape(name, node, source, read.scenario)) {
      if (!*status) return status->error();
      continue;
    }
    if (flags.find(name) == nullptr || name == "scenario") {
      return Error{source +
                   ": is neither a flag of `spillway load` nor burst, raid, churn or slow; leave "
                   "it out"};
    }
    auto value = as_text(node);
    if (!value) return Error{source + ": the value must be a text, a number or true or false"};
    read.settings[name] = {std::move(*value), source};
  }
  return read;
}

}  // namespace spillway::cli
