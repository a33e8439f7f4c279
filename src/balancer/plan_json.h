// A capacity plan as JSON: what GET /plan and `spillway plan --json` answer.
#pragma once

#include <string>
#include <string_view>

#include "balancer/plan_question.h"

namespace spillway::balancer {

// {"input":{…},"assumed":{…},"plan":[{…},{…},{…}]}, on one line without its end. Numbers are whole
// where they count something, and else as exact as a double is. docs/balancer/plan.json is one.
std::string plan_json(const PlanQuestion& question, const CapacityPlan& plan);

// The same for rooms that are there: input has "from_live" and what was found, in place of what
// would have been given. REQUIRES: a URL in valid UTF-8.
std::string live_plan_json(std::string_view from_live, const PlanSettings& settings,
                           const CapacityPlan& plan);

}  // namespace spillway::balancer
