// A history as JSON: "name":[…], oldest first.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "balancer/history.h"
#include "protocol/json_writer.h"

namespace spillway::balancer {

// A finite number in the shortest form with at most three decimals.
void append_decimal(std::string& out, double number);

inline void append_entry(std::string& out, std::uint64_t entry) {
  protocol::append_number(out, entry);
}
inline void append_entry(std::string& out, std::int64_t entry) {
  protocol::append_number(out, entry);
}
inline void append_entry(std::string& out, double entry) { append_decimal(out, entry); }

template <typename T>
void append_history(std::string& out, std::string_view name, const History<T>& history) {
  out += '"';
  out += name;
  out += "\":[";
  for (std::size_t i = 0; i < History<T>::kEntries; ++i) {
    if (i > 0) out += ',';
    append_entry(out, history[i]);
  }
  out += ']';
}

}  // namespace spillway::balancer
