// Who may change the fleet.
#pragma once

#include <optional>

#include "balancer/api_call.h"

namespace spillway::balancer {

// None: it may. With a token set, who sends it as `Authorization: Bearer <token>`, else 401.
// Without one, whoever reaches a balancer that only this machine can reach, else 403; but not a web
// page of somebody else in a browser on this machine: neither one that says where it comes from
// (Origin), nor one whose name was made to lead here (a Host that is no name of this machine).
std::optional<Response> refuse_change(const Request& request, const RouteOptions& options);

}  // namespace spillway::balancer
