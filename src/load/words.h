// Numbers as people read them.
#pragma once

#include <cstdint>
#include <string>

#include "base/clock.h"
#include "load/options.h"
#include "load/run.h"

namespace spillway::load {

std::string grouped(std::uint64_t number);  // 1,234,567
std::string grouped(double number);         // below 100 with a decimal

// 0.42 ms, 12.3 ms, 1.50 s.
std::string latency_text(Duration latency);
// 8 s, 1 m 20 s, 2 h 05 m.
std::string time_text(Duration time);

// "1 room", "5 rooms".
std::string counted(std::uint64_t number, const std::string& one);

// `none`, `server`, `load`.
std::string saturated_word(Saturated side);

// Where the viewers go, or ask where to go.
std::string target_of(const LoadOptions& options);

}  // namespace spillway::load
