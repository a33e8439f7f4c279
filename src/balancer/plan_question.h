// What is asked of a capacity plan, by `spillway plan` and by GET /plan alike.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "balancer/capacity_plan.h"
#include "base/result.h"

namespace spillway::balancer {

struct PlanQuestion {
  Audience audience;  // users, rooms, interval: 0 where not given
  PlanSettings settings;
};

// One thing to be told: a flag of the command, a parameter of the URL.
struct PlanParameter {
  std::string_view name;
  std::string_view value;  // what stands for it in help
  std::string_view help;   // one sentence, no full stop
  // The error is "'x' is …; give …", without the name.
  Status (*set)(PlanQuestion&, std::string_view text);
  std::string (*show)(const PlanQuestion&);  // as `set` takes it; empty: not given
};
std::span<const PlanParameter> plan_parameters();

// The first of those that must be given and was not.
std::optional<std::string_view> missing_parameter(const PlanQuestion& question);

// The whole of a URL's query, over what `question` has already. The error begins with the
// parameter's name, and is UTF-8 whatever came. Names that are none of ours are not looked at.
Result<PlanQuestion> parse_plan_query(std::string_view query, PlanQuestion question);

}  // namespace spillway::balancer
