// Flags as values: a name, what help says, and one place where a text becomes a setting, whichever
// layer (command line, environment, file) the text came from.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/log.h"
#include "base/units.h"

namespace spillway::cli {

struct Flag {
  std::string name;   // "rate-limit": without dashes, as it stands in the file
  std::string value;  // what stands for the value in help: "COUNT/TIME"; empty: a switch
  std::string help;   // one sentence, no full stop
  // Validates and stores. The error is "'x' is not a port; give …", without the flag's name.
  std::function<Status(std::string_view)> set;
  // The setting as it is now, in the form that `set` takes; before parsing: the default.
  std::function<std::string()> show;
};

// A command's flags, in the order of its help. They point into the command's options, which must
// outlive the set. Single-threaded.
class FlagSet {
 public:
  void add(Flag flag) { flags_.push_back(std::move(flag)); }
  // Takes over the flags of another set as `--<prefix><name>`, without those named in `but`.
  void add_prefixed(const FlagSet& others, std::string_view prefix,
                    std::initializer_list<std::string_view> but);
  const Flag* find(std::string_view name) const;
  const std::vector<Flag>& all() const { return flags_; }
  // Every setting as `--name=value`: what makes a child of ours behave exactly as this set says.
  std::vector<std::string> as_arguments() const;

 private:
  std::vector<Flag> flags_;
};

// What a flag is called and says; the makers below add how it is read.
struct FlagText {
  std::string name;
  std::string help;
  std::string value = "TEXT";
};

template <typename Number>
struct Bounds {
  Number min = 0;
  Number max = std::numeric_limits<Number>::max();
};

Flag text_flag(std::string& target, FlagText text);
// A text that must pass `check`, whose error is shown.
Flag checked_flag(std::string& target, FlagText text,
                  std::function<Status(const std::string&)> check);
Flag port_flag(std::uint16_t& target, FlagText text);
Flag count_flag(std::uint32_t& target, FlagText text, Bounds<std::uint32_t> bounds);
Flag count_flag(std::size_t& target, FlagText text, Bounds<std::size_t> bounds);
Flag size_flag(std::size_t& target, FlagText text, Bounds<std::size_t> bounds);
Flag rate_flag(Rate& target, FlagText text);
Flag log_level_flag(LogLevel& target);
// On the command line it may stand alone, which is `true`.
Flag switch_flag(bool& target, FlagText text);

// A decimal number, such as a share or a threshold.
Flag number_flag(double& target, FlagText text, Bounds<double> bounds);

struct DurationBounds {
  std::chrono::microseconds min{0};
  std::chrono::microseconds max = std::chrono::hours(24 * 365);
};
Flag duration_flag(std::chrono::microseconds& target, FlagText text, DurationBounds bounds);

// A flag that takes one of a few words.
template <typename Enum>
Flag choice_flag(Enum& target, FlagText text, std::vector<std::pair<std::string, Enum>> choices) {
  std::string words;
  for (const auto& [word, meaning] : choices) words += (words.empty() ? "" : "|") + word;
  const auto set = [&target, choices, words](std::string_view given) -> Status {
    for (const auto& [word, meaning] : choices) {
      if (word != given) continue;
      target = meaning;
      return ok();
    }
    return Error{"'" + std::string(given) + "' is none of " + words};
  };
  const auto show = [&target, choices] {
    for (const auto& [word, meaning] : choices) {
      if (meaning == target) return word;
    }
    return std::string();
  };
  return {std::move(text.name), words, std::move(text.help), set, show};
}

}  // namespace spillway::cli
