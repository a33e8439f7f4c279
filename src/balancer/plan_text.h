// A capacity plan for people: a table and what it means.
#pragma once

#include <string>
#include <string_view>

#include "balancer/plan_question.h"

namespace spillway::balancer {

// Several lines, each with its end.
std::string plan_text(const PlanQuestion& question, const CapacityPlan& plan);

// The same for rooms that are there.
std::string live_plan_text(std::string_view from_live, const PlanSettings& settings,
                           const CapacityPlan& plan);

// Numbers as they are read, not as they are stored. REQUIRES: finite, not negative.
std::string human_count(double count);       // 66.67, 6,667, 34.7 million
std::string human_bits(double bytes_per_s);  // 76.3 kbit/s
std::string human_bytes(double bytes);       // 13.6 MiB
std::string human_share(double share);       // 0.25: 25 %

}  // namespace spillway::balancer
