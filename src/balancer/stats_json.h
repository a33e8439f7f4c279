// The fleet as JSON: the pieces of /redis-stats and of the stream.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "balancer/decision_log.h"
#include "balancer/fleet.h"
#include "balancer/json_history.h"

namespace spillway::balancer {

// The rooms with most viewers, at most `count`, most first.
std::vector<const Fleet::Room*> busiest_rooms(const Fleet& fleet, std::size_t count);

// {"socketServers":[…],"chatRooms":{…},"blackList":{},"decisions":[…]}: everything that is known,
// with the histories of a hundred seconds, oldest first.
std::string redis_stats_json(const Fleet& fleet, const DecisionLog& decisions,
                             std::size_t rooms_max);

// {"server":{…},"state":{…}}
void append_server(std::string& out, const Fleet::Server& server);
// {"clients":[…],"cumulativeMessages":[…],"cumulativeSocketWrites":[…]}
void append_room(std::string& out, const Fleet::Room& room);
void append_decision(std::string& out, const DecisionEntry& entry);

// "up" or "draining".
std::string_view shown_status(const Fleet::Server& server);

}  // namespace spillway::balancer
