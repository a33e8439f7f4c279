#include "load/expectation.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <optional>

#include "base/units.h"

namespace spillway::load {
namespace {

using Relation = Expectation::Relation;

constexpr std::chrono::hours kPercentileMax{24};

struct Number {
  std::string_view name;
  double (*of)(const RunResult&);
};

// What is not counted but made of counts.
constexpr std::array kNumbers{
    Number{"deliveries_per_s", [](const RunResult& run) { return run.deliveries_per_s(); }},
    Number{"sent_per_s", [](const RunResult& run) { return run.sent_per_s(); }},
    Number{"lost", [](const RunResult& run) { return static_cast<double>(run.total.lost()); }},
};

struct Percentile {
  std::string_view name;
  double share;
};
constexpr std::array kPercentiles{
    Percentile{"p50", 0.5},    Percentile{"p90", 0.9}, Percentile{"p99", 0.99},
    Percentile{"p999", 0.999}, Percentile{"max", 1},
};

struct RelationText {
  std::string_view text;  // longer ones first
  Relation relation;
};
constexpr std::array kRelations{
    RelationText{"<=", Relation::kLessOrEqual}, RelationText{">=", Relation::kGreaterOrEqual},
    RelationText{"<", Relation::kLess},         RelationText{">", Relation::kGreater},
    RelationText{"=", Relation::kEqual},
};

template <typename Named>
const Named* named(const auto& all, std::string_view name) {
  const auto found =
      std::find_if(all.begin(), all.end(), [name](const Named& one) { return one.name == name; });
  return found == all.end() ? nullptr : &*found;
}

std::string all_names() {
  std::string names;
  for (const NamedMetric& metric : kNamedMetrics) names += fmt::format("{}, ", metric.name);
  for (const Number& number : kNumbers) names += fmt::format("{}, ", number.name);
  for (const Percentile& percentile : kPercentiles) names += fmt::format("{}, ", percentile.name);
  names.resize(names.size() - 2);
  return names;
}

std::optional<double> plain_number(std::string_view text) {
  double number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

Result<Expectation> parse_one(std::string_view text) {
  const std::size_t at = std::min(text.find_first_of("<>="), text.size());
  Expectation expected;
  expected.text = text;
  expected.name = text.substr(0, at);
  const bool time = named<Percentile>(kPercentiles, expected.name) != nullptr;
  const bool number = named<NamedMetric>(kNamedMetrics, expected.name) != nullptr ||
                      named<Number>(kNumbers, expected.name) != nullptr;
  if (!time && !number) {
    return Error{fmt::format("'{}' names no number of the run; give one of {}", text, all_names())};
  }
  for (const RelationText& relation : kRelations) {
    if (!text.substr(at).starts_with(relation.text)) continue;
    expected.relation = relation.relation;
    const std::string_view value = text.substr(at + relation.text.size());
    if (time) {
      const auto duration = parse_duration(value);
      if (!duration) return Error{fmt::format("'{}': {}", text, duration.error().message)};
      if (*duration > kPercentileMax) return Error{fmt::format("'{}' is more than a day", text)};
      expected.value = to_ms(*duration);
      return expected;
    }
    const auto given = plain_number(value);
    if (!given) return Error{fmt::format("'{}' needs a number, such as {}=0", text, expected.name)};
    expected.value = *given;
    return expected;
  }
  return Error{fmt::format("'{}' compares with nothing; write it like lost=0 or p99<100ms", text)};
}

double value_of(const Expectation& expected, const RunResult& result) {
  if (const auto* percentile = named<Percentile>(kPercentiles, expected.name)) {
    return to_ms(result.total.latency.percentile(percentile->share));
  }
  if (const auto* metric = named<NamedMetric>(kNamedMetrics, expected.name)) {
    return static_cast<double>(result.total.count(metric->metric));
  }
  return named<Number>(kNumbers, expected.name)->of(result);
}

bool holds(Relation relation, double value, double expected) {
  switch (relation) {
    case Relation::kEqual:
      return value == expected;
    case Relation::kLess:
      return value < expected;
    case Relation::kLessOrEqual:
      return value <= expected;
    case Relation::kGreater:
      return value > expected;
    case Relation::kGreaterOrEqual:
      return value >= expected;
  }
  return false;
}

}  // namespace

Result<std::vector<Expectation>> parse_expectations(std::string_view text) {
  std::vector<Expectation> expectations;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    auto one = parse_one(text.substr(0, comma));
    if (!one) return one.error();
    expectations.push_back(std::move(*one));
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return expectations;
}

std::vector<Judgement> judge(const std::vector<Expectation>& expectations,
                             const RunResult& result) {
  std::vector<Judgement> judgements;
  for (const Expectation& expected : expectations) {
    const double value = value_of(expected, result);
    // A run in which nothing was timed has no percentile to be proud of.
    const bool timed = result.total.latency.count() > 0 ||
                       named<Percentile>(kPercentiles, expected.name) == nullptr;
    judgements.push_back(
        {expected.text, value, timed && holds(expected.relation, value, expected.value)});
  }
  return judgements;
}

}  // namespace spillway::load
