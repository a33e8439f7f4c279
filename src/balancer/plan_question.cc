#include "balancer/plan_question.h"

#include <fmt/core.h>

#include <array>
#include <charconv>

#include "balancer/query.h"
#include "base/units.h"
#include "protocol/text.h"

namespace spillway::balancer {
namespace {

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr std::uint64_t kUsersMax = 100'000'000;
constexpr std::uint64_t kRoomsMax = 1'000'000;
constexpr std::size_t kMessageBytesMax = 64 * 1024;

template <typename Number>
Status set_number(Number& target, std::string_view text, Number min, Number max) {
  Number number{};
  const char* const end = text.data() + text.size();
  const auto [rest, problem] = std::from_chars(text.data(), end, number);
  if (problem != std::errc{} || rest != end || !(number >= min && number <= max)) {
    constexpr std::string_view kKind =
        std::is_integral_v<Number> ? "whole number" : "decimal number";
    return Error{
        fmt::format("'{}' is out of bounds; give a {} from {} to {}", text, kKind, min, max)};
  }
  target = number;
  return ok();
}

Status set_duration(microseconds& target, std::string_view text, microseconds min,
                    microseconds max) {
  const auto duration = parse_duration(text);
  if (!duration) return duration.error();
  if (*duration < min || *duration > max) {
    return Error{fmt::format("'{}' is out of bounds; give {} to {}", text, format_duration(min),
                             format_duration(max))};
  }
  target = *duration;
  return ok();
}

std::string show_count(std::uint64_t count) { return count == 0 ? "" : fmt::format("{}", count); }

constexpr PlanParameter kUsers{
    "users", "N", "How many users there are, over all rooms",
    [](PlanQuestion& question, std::string_view text) {
      return set_number<std::uint64_t>(question.audience.users, text, 1, kUsersMax);
    },
    [](const PlanQuestion& question) { return show_count(question.audience.users); }};

constexpr PlanParameter kRooms{
    "rooms", "N", "In how many rooms they are",
    [](PlanQuestion& question, std::string_view text) {
      return set_number<std::uint64_t>(question.audience.rooms, text, 1, kRoomsMax);
    },
    [](const PlanQuestion& question) { return show_count(question.audience.rooms); }};

constexpr PlanParameter kInterval{
    "interval", "TIME", "Between two messages of each user, on average",
    [](PlanQuestion& question, std::string_view text) {
      return set_duration(question.audience.interval, text, milliseconds(1), hours(24 * 30));
    },
    [](const PlanQuestion& question) {
      const auto interval = question.audience.interval;
      return interval.count() == 0 ? std::string() : format_duration(interval);
    }};

constexpr PlanParameter kDistribution{"distribution", "uniform|zipf:S",
                                      "How the users are spread over the rooms",
                                      [](PlanQuestion& question, std::string_view text) -> Status {
                                        const auto distribution = parse_distribution(text);
                                        if (!distribution) return distribution.error();
                                        question.audience.distribution = *distribution;
                                        return ok();
                                      },
                                      [](const PlanQuestion& question) {
                                        return format_distribution(question.audience.distribution);
                                      }};

constexpr PlanParameter kSize{
    "size", "SIZE", "Bytes of text in a message",
    [](PlanQuestion& question, std::string_view text) -> Status {
      const auto size = parse_size(text);
      if (!size) return size.error();
      if (*size < 1 || *size > kMessageBytesMax) {
        return Error{fmt::format("'{}' is out of bounds; give 1B to {}", text,
                                 format_size(kMessageBytesMax))};
      }
      question.settings.message_bytes = *size;
      return ok();
    },
    [](const PlanQuestion& question) { return format_size(question.settings.message_bytes); }};

constexpr PlanParameter kFlushIntervalMax{
    "flush-interval-max", "TIME", "As the servers' flag: the longest wait for a fuller write",
    [](PlanQuestion& question, std::string_view text) {
      return set_duration(question.settings.flush_interval_max, text, milliseconds(1),
                          std::chrono::seconds(10));
    },
    [](const PlanQuestion& question) {
      return format_duration(question.settings.flush_interval_max);
    }};

constexpr PlanParameter kSpawnWrites{
    "spawn-writes", "N", "As the balancer's flag: deliveries a second that a server may sustain",
    [](PlanQuestion& question, std::string_view text) {
      return set_number<double>(question.settings.capacity.deliveries_per_s, text, 1, 1e12);
    },
    [](const PlanQuestion& question) {
      return fmt::format("{}", question.settings.capacity.deliveries_per_s);
    }};

constexpr PlanParameter kSpawnBusy{
    "spawn-busy", "N", "As the balancer's flag: share of a loop's time that a server may use",
    [](PlanQuestion& question, std::string_view text) {
      return set_number<double>(question.settings.capacity.busy, text, 0.01, 1);
    },
    [](const PlanQuestion& question) {
      return fmt::format("{}", question.settings.capacity.busy);
    }};

constexpr std::array kParameters{
    kUsers, kRooms, kInterval, kDistribution, kSize, kFlushIntervalMax, kSpawnWrites, kSpawnBusy};

}  // namespace

std::span<const PlanParameter> plan_parameters() { return kParameters; }

std::optional<std::string_view> missing_parameter(const PlanQuestion& question) {
  for (const PlanParameter* const needed : {&kUsers, &kRooms, &kInterval}) {
    if (needed->show(question).empty()) return needed->name;
  }
  return std::nullopt;
}

Result<PlanQuestion> parse_plan_query(std::string_view query, PlanQuestion question) {
  for (const PlanParameter& parameter : kParameters) {
    const auto value = find_parameter(query, parameter.name);
    if (!value) continue;
    const auto text = percent_decoded(*value);
    if (!text || !protocol::is_utf8(*text)) {
      return Error{fmt::format("{}: it is not percent-encoded UTF-8", parameter.name)};
    }
    if (const Status status = parameter.set(question, *text); !status) {
      return Error{fmt::format("{}: {}", parameter.name, status.error().message)};
    }
  }
  if (const auto missing = missing_parameter(question)) {
    return Error{
        fmt::format("{}: it is missing; ask as in /plan?users=100&rooms=5&interval=30s", *missing)};
  }
  return question;
}

}  // namespace spillway::balancer
