#include "balancer/plan_text.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>

#include "balancer/plan_ceilings.h"
#include "base/check.h"
#include "base/units.h"

namespace spillway::balancer {
namespace {

// Three digits that count.
std::string three_digits(double number) {
  const int decimals = number < 9.995 ? 2 : number < 99.95 ? 1 : 0;
  return fmt::format("{:.{}f}", number, decimals);
}

std::string with_separators(double number) { return group_digits(fmt::format("{:.0f}", number)); }

// A number with the largest of `units` that it has at least one of.
template <std::size_t N>
std::string scaled(double number, double step, const std::array<const char*, N>& units) {
  std::size_t unit = 0;
  while (unit + 1 < N && number >= step * 0.9995) {
    number /= step;
    ++unit;
  }
  if (number >= step) return fmt::format("{:.2e} {}", number, units[unit]);
  return fmt::format("{} {}", three_digits(number), units[unit]);
}

struct Row {
  std::string_view label;
  std::string (*cell)(const PlanStep&);
};

constexpr std::array kRows{
    Row{"users", [](const PlanStep& step) { return human_count(step.users); }},
    Row{"  in the largest room",
        [](const PlanStep& step) { return human_count(step.largest_room.viewers); }},
    Row{"messages/s", [](const PlanStep& step) { return human_count(step.messages_per_s); }},
    Row{"  in the largest room",
        [](const PlanStep& step) { return human_count(step.largest_room.messages_per_s); }},
    Row{"deliveries/s", [](const PlanStep& step) { return human_count(step.deliveries_per_s); }},
    Row{"kernel writes/s", [](const PlanStep& step) { return human_count(step.writes_per_s); }},
    Row{"Redis calls/s, at most",
        [](const PlanStep& step) { return human_count(step.redis.calls_per_s); }},
    Row{"  of what one Redis can do",
        [](const PlanStep& step) { return human_share(step.redis.load); }},
    Row{"egress, plain",
        [](const PlanStep& step) { return human_bits(step.egress_bytes_per_s.plain); }},
    Row{"egress, coalesced",
        [](const PlanStep& step) { return human_bits(step.egress_bytes_per_s.coalesced); }},
    Row{"egress, deflated",
        [](const PlanStep& step) { return human_bits(step.egress_bytes_per_s.deflated); }},
    Row{"memory of the servers",
        [](const PlanStep& step) { return human_bytes(step.memory_bytes.servers); }},
    Row{"memory of Redis",
        [](const PlanStep& step) { return human_bytes(step.memory_bytes.redis); }},
    Row{"servers needed", [](const PlanStep& step) { return human_count(step.servers.needed); }},
};

std::string table(const CapacityPlan& plan) {
  constexpr int kLabelWidth = 28;
  constexpr int kCellWidth = 16;
  std::string text = fmt::format("{:{}}", "", kLabelWidth);
  for (const PlanStep& step : plan) {
    text += fmt::format("{:>{}}", fmt::format("{}x", step.scale), kCellWidth);
  }
  text += '\n';
  for (const Row& row : kRows) {
    text += fmt::format("{:{}}", row.label, kLabelWidth);
    for (const PlanStep& step : plan) text += fmt::format("{:>{}}", row.cell(step), kCellWidth);
    text += '\n';
  }
  return text;
}

std::string servers(double count) {
  return count <= 1 ? "1 server" : human_count(count) + " servers";
}

// How many servers it takes for one of the two, or what share of one.
std::string filled(double by_it) {
  return by_it <= 1 ? human_share(by_it) + " of a server" : servers(std::ceil(by_it));
}

std::string limit_words(const PlanStep& step) {
  const std::string writes = filled(step.servers.by_writes);
  const std::string deliveries = filled(step.servers.by_deliveries);
  const std::string redis = human_share(step.redis.load);
  switch (step.first_limit) {
    case Limit::kWrites:
      return fmt::format("kernel writes: {}; deliveries alone fill {}, Redis is at {} at most",
                         writes, deliveries, redis);
    case Limit::kDeliveries:
      return fmt::format("deliveries: {}; kernel writes alone fill {}, Redis is at {} at most",
                         deliveries, writes, redis);
    case Limit::kRedis:
      return fmt::format(
          "Redis, at up to {} of what the one Redis of a fleet can do; kernel writes fill {}, "
          "deliveries {}",
          redis, writes, deliveries);
  }
  CHECK(false);
}

std::string growth(const PlanStep& step, const PlanStep& now) {
  const double factor = now.deliveries_per_s > 0 ? step.deliveries_per_s / now.deliveries_per_s : 0;
  return fmt::format(
      "At {}x users: {} times the deliveries, on {}, with {} of plain egress. The first limit is "
      "{}.\n",
      step.scale, human_count(factor), servers(step.servers.needed),
      human_bits(step.egress_bytes_per_s.plain), limit_words(step));
}

std::string assumed(const PlanSettings& settings) {
  return fmt::format(
      "Assumed: {} bytes of text a message, {} on the wire (without TCP and IP headers); a server "
      "sustains {} deliveries/s\nand {} kernel writes/s, and lets no viewer wait longer than {} "
      "for "
      "a fuller write. docs/capacity.md has the formulas.\n",
      settings.message_bytes, message_bytes(settings.message_bytes).plain,
      human_count(settings.capacity.deliveries_per_s),
      human_count(ceilings::kWritesPerCore * settings.capacity.busy),
      format_duration(settings.flush_interval_max));
}

std::string rooms_text(double rooms) {
  return human_count(rooms) + (rooms == 1 ? " room" : " rooms");
}

std::string whole(const std::string& asked, const PlanSettings& settings,
                  const CapacityPlan& plan) {
  std::string text =
      fmt::format("{}: {} deliveries/s.\n\n", asked, human_count(plan.front().deliveries_per_s));
  text += table(plan) + '\n';
  for (std::size_t i = 1; i < plan.size(); ++i) text += growth(plan[i], plan.front());
  return text + assumed(settings);
}

}  // namespace

std::string human_count(double count) {
  if (count == 0) return "0";
  if (count < 0.005) return "< 0.01";
  if (count < 999.995) {
    const std::string text = fmt::format("{:.2f}", count);
    return text.ends_with(".00") ? text.substr(0, text.size() - 3) : text;
  }
  if (count < 999'999.5) return with_separators(count);
  constexpr std::array kUnits{"million", "billion", "trillion"};
  if (count >= 999.5e12) return fmt::format("{:.2e}", count);
  return scaled(count / 1e6, 1000, kUnits);
}

std::string human_bits(double bytes_per_s) {
  constexpr std::array kUnits{"bit/s", "kbit/s", "Mbit/s", "Gbit/s", "Tbit/s", "Pbit/s"};
  return scaled(bytes_per_s * 8, 1000, kUnits);
}

std::string human_bytes(double bytes) {
  constexpr std::array kUnits{"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
  return scaled(bytes, 1024, kUnits);
}

std::string human_share(double share) {
  const double percent = share * 100;
  if (percent > 0 && percent < 0.05) return "< 0.1 %";
  if (percent < 9.95) return fmt::format("{:.1f} %", percent);
  return (percent < 999'999.5 ? with_separators(percent) : fmt::format("{:.1e}", percent)) + " %";
}

std::string plan_text(const PlanQuestion& question, const CapacityPlan& plan) {
  const Audience& audience = question.audience;
  const std::string asked =
      fmt::format("{} users in {} ({}), each sending every {}",
                  human_count(static_cast<double>(audience.users)),
                  rooms_text(static_cast<double>(audience.rooms)),
                  format_distribution(audience.distribution), format_duration(audience.interval));
  return whole(asked, question.settings, plan);
}

std::string live_plan_text(std::string_view from_live, const PlanSettings& settings,
                           const CapacityPlan& plan) {
  const PlanStep& now = plan.front();
  const std::string asked =
      fmt::format("{} users in {} of {}, sending {} messages/s", human_count(now.users),
                  rooms_text(now.rooms), from_live, human_count(now.messages_per_s));
  return whole(asked, settings, plan);
}

}  // namespace spillway::balancer
