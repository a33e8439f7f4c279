// Prometheus' text format 0.0.4: every metric with its help and type.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>

namespace spillway {

// Names are without the prefix `spillway_`, counters without the suffix `_total`; a help text is
// without its full stop.
class MetricsText {
 public:
  void counter(std::string_view name, std::string_view help, std::uint64_t value) {
    head(fmt::format("{}_total", name), help, "counter");
    fmt::format_to(std::back_inserter(text_), "spillway_{}_total {}\n", name, value);
  }
  void gauge(std::string_view name, std::string_view help, double value) {
    head(name, help, "gauge");
    fmt::format_to(std::back_inserter(text_), "spillway_{} {}\n", name, value);
  }

  // A counter with one label: its head, then a line a value.
  void labelled_head(std::string_view name, std::string_view help) {
    head(fmt::format("{}_total", name), help, "counter");
  }
  void labelled(std::string_view name, std::string_view label, std::string_view value,
                std::uint64_t count) {
    fmt::format_to(std::back_inserter(text_), "spillway_{}_total{{{}=\"{}\"}} {}\n", name, label,
                   value, count);
  }

  std::string take() { return std::move(text_); }

 private:
  void head(std::string_view name, std::string_view help, std::string_view type) {
    fmt::format_to(std::back_inserter(text_), "# HELP spillway_{0} {1}.\n# TYPE spillway_{0} {2}\n",
                   name, help, type);
  }

  std::string text_;
};

}  // namespace spillway
