#include "cli/flags.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace spillway::cli {
namespace {

std::optional<std::uint64_t> whole_number(std::string_view text) {
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, problem] = std::from_chars(text.data(), end, number);
  if (problem != std::errc{} || rest != end) return std::nullopt;
  return number;
}

bool has_control_character(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

template <typename Value>
Error out_of_bounds(std::string_view given, const Value& min, const Value& max) {
  return {fmt::format("'{}' is out of bounds; give {} to {}", given, min, max)};
}

template <typename Number>
Flag number_flag(Number& target, FlagText text, Bounds<Number> bounds) {
  const auto set = [&target, bounds](std::string_view given) -> Status {
    const auto number = whole_number(given);
    if (!number || *number < bounds.min || *number > bounds.max) {
      return Error{fmt::format("'{}' is out of bounds; give a whole number from {} to {}", given,
                               bounds.min, bounds.max)};
    }
    target = static_cast<Number>(*number);
    return ok();
  };
  return {std::move(text.name), "N", std::move(text.help), set,
          [&target] { return fmt::format("{}", target); }};
}

}  // namespace

void FlagSet::add_prefixed(const FlagSet& others, std::string_view prefix,
                           std::initializer_list<std::string_view> but) {
  for (Flag flag : others.flags_) {
    if (std::find(but.begin(), but.end(), flag.name) != but.end()) continue;
    flag.name.insert(0, prefix);
    add(std::move(flag));
  }
}

const Flag* FlagSet::find(std::string_view name) const {
  const auto found = std::find_if(flags_.begin(), flags_.end(),
                                  [name](const Flag& flag) { return flag.name == name; });
  return found == flags_.end() ? nullptr : &*found;
}

std::vector<std::string> FlagSet::as_arguments() const {
  std::vector<std::string> arguments;
  for (const Flag& flag : flags_) {
    const std::string setting = flag.show();
    if (!setting.empty()) arguments.push_back(fmt::format("--{}={}", flag.name, setting));
  }
  return arguments;
}

Flag text_flag(std::string& target, FlagText text) {
  return checked_flag(target, std::move(text), [](const std::string&) { return ok(); });
}

Flag checked_flag(std::string& target, FlagText text,
                  std::function<Status(const std::string&)> check) {
  const auto set = [&target, check = std::move(check)](std::string_view given) -> Status {
    if (has_control_character(given))
      return Error{"the value has a control character; leave it out"};
    std::string value(given);
    if (Status status = check(value); !status) return status;
    target = std::move(value);
    return ok();
  };
  return {std::move(text.name), std::move(text.value), std::move(text.help), set,
          [&target] { return target; }};
}

Flag port_flag(std::uint16_t& target, FlagText text) {
  const auto set = [&target](std::string_view given) -> Status {
    const auto number = whole_number(given);
    if (!number || *number > 65'535) {
      return Error{fmt::format("'{}' is not a port; give a number from 0 to 65535", given)};
    }
    target = static_cast<std::uint16_t>(*number);
    return ok();
  };
  return {std::move(text.name), "PORT", std::move(text.help), set,
          [&target] { return fmt::format("{}", target); }};
}

Flag count_flag(std::uint32_t& target, FlagText text, Bounds<std::uint32_t> bounds) {
  return number_flag(target, std::move(text), bounds);
}

Flag count_flag(std::size_t& target, FlagText text, Bounds<std::size_t> bounds) {
  return number_flag(target, std::move(text), bounds);
}

Flag size_flag(std::size_t& target, FlagText text, Bounds<std::size_t> bounds) {
  const auto set = [&target, bounds](std::string_view given) -> Status {
    const auto size = parse_size(given);
    if (!size) return size.error();
    if (*size < bounds.min || *size > bounds.max) {
      return out_of_bounds(given, format_size(bounds.min), format_size(bounds.max));
    }
    target = *size;
    return ok();
  };
  return {std::move(text.name), "SIZE", std::move(text.help), set,
          [&target] { return format_size(target); }};
}

Flag duration_flag(std::chrono::microseconds& target, FlagText text, DurationBounds bounds) {
  const auto set = [&target, bounds](std::string_view given) -> Status {
    const auto duration = parse_duration(given);
    if (!duration) return duration.error();
    if (*duration < bounds.min || *duration > bounds.max) {
      return out_of_bounds(given, format_duration(bounds.min), format_duration(bounds.max));
    }
    target = *duration;
    return ok();
  };
  return {std::move(text.name), "TIME", std::move(text.help), set,
          [&target] { return format_duration(target); }};
}

Flag number_flag(double& target, FlagText text, Bounds<double> bounds) {
  const auto set = [&target, bounds](std::string_view given) -> Status {
    double number = 0;
    const auto [end, problem] = std::from_chars(given.data(), given.data() + given.size(), number);
    if (problem != std::errc{} || end != given.data() + given.size()) {
      return Error{fmt::format("'{}' is not a number; write one such as 0.7", given)};
    }
    if (!(number >= bounds.min && number <= bounds.max)) {
      return out_of_bounds(given, fmt::format("{}", bounds.min), fmt::format("{}", bounds.max));
    }
    target = number;
    return ok();
  };
  return {std::move(text.name), "N", std::move(text.help), set,
          [&target] { return fmt::format("{}", target); }};
}

Flag rate_flag(Rate& target, FlagText text) {
  const auto set = [&target](std::string_view given) -> Status {
    const auto rate = parse_rate(given);
    if (!rate) return rate.error();
    target = *rate;
    return ok();
  };
  return {std::move(text.name), "COUNT/TIME|off", std::move(text.help), set,
          [&target] { return format_rate(target); }};
}

Flag switch_flag(bool& target, FlagText text) {
  const auto set = [&target](std::string_view given) -> Status {
    if (given != "true" && given != "false") {
      return Error{fmt::format("'{}' is no switch; give true or false", given)};
    }
    target = given == "true";
    return ok();
  };
  return {std::move(text.name), "", std::move(text.help), set,
          [&target] { return target ? "true" : "false"; }};
}

Flag log_level_flag(LogLevel& target) {
  return choice_flag(target, {"log-level", "What goes to stderr"},
                     {{"debug", LogLevel::kDebug},
                      {"info", LogLevel::kInfo},
                      {"warn", LogLevel::kWarn},
                      {"error", LogLevel::kError},
                      {"off", LogLevel::kOff}});
}

}  // namespace spillway::cli
