#include "balancer/stats_feed.h"

#include <algorithm>
#include <iterator>

#include "balancer/stats_json.h"
#include "protocol/json_writer.h"

namespace spillway::balancer {
namespace {

using Event = std::shared_ptr<const std::string>;

Event make_event(std::string_view name, std::string_view json) {
  std::string text = "event: ";
  text.append(name).append("\ndata: ").append(json).append("\n\n");
  return std::make_shared<const std::string>(std::move(text));
}

void send_to_all(std::vector<EventStream>& listeners, const Event& event) {
  const auto is_gone = [&event](EventStream& listener) {
    return listener.send(event) == EventStream::Sent::kGone;
  };
  listeners.erase(std::remove_if(listeners.begin(), listeners.end(), is_gone), listeners.end());
}

}  // namespace

void StatsFeed::add(EventStream listener, std::size_t rooms) {
  rooms = std::min(rooms, Fleet::kRoomsMax);
  auto group = std::find_if(groups_.begin(), groups_.end(),
                            [rooms](const auto& one) { return one->changes.count() == rooms; });
  if (group == groups_.end()) {
    if (groups_.size() == kGroupsMax) return;
    group = groups_.insert(groups_.end(), std::make_unique<Group>(rooms));
  }
  (*group)->fresh.push_back(std::move(listener));
}

void StatsFeed::tick(const StatsTotals::Counts& counts) {
  Common common;
  common.at_ms = wall_now().ms;
  common.servers = servers_.tick(fleet_);
  common.decisions = new_decisions();
  common.totals = totals_.tick(fleet_, counts, common.at_ms);
  for (const auto& group : groups_) tell(*group, common);
  groups_.erase(std::remove_if(groups_.begin(), groups_.end(),
                               [](const auto& group) { return group->listeners.empty(); }),
                groups_.end());
}

// Those decided since the last tick, as far as the list still has them.
std::string StatsFeed::new_decisions() {
  const auto& entries = decisions_.entries();
  const std::size_t count =
      std::min<std::size_t>(entries.size(), decisions_.added() - decisions_told_);
  decisions_told_ = decisions_.added();
  std::string text;
  for (std::size_t i = entries.size() - count; i < entries.size(); ++i) {
    if (!text.empty()) text += ',';
    append_decision(text, entries[i]);
  }
  return text;
}

void StatsFeed::tell(Group& group, const Common& common) {
  const ServerChanges::Text rooms = group.changes.tick(fleet_);
  if (!group.listeners.empty()) {
    std::string json = R"({"at":)";
    protocol::append_number(json, common.at_ms);
    json.append(R"(,"socketServers":[)").append(common.servers.changed);
    json.append(R"(],"chatRooms":{)").append(rooms.changed);
    json.append(R"(},"gone":{"socketServers":[)").append(common.servers.gone);
    json.append(R"(],"chatRooms":[)").append(rooms.gone);
    json.append(R"(]},"decisions":[)").append(common.decisions);
    json.append(R"(],"balancer":)").append(common.totals).append("}");
    send_to_all(group.listeners, make_event("change", json));
  }
  if (group.fresh.empty()) return;
  send_to_all(group.fresh, make_event("state", state(group.changes.count())));
  std::move(group.fresh.begin(), group.fresh.end(), std::back_inserter(group.listeners));
  group.fresh.clear();
}

// As /redis-stats, with what that does not say as one more member.
std::string StatsFeed::state(std::size_t rooms) const {
  std::string json = redis_stats_json(fleet_, decisions_, rooms);
  json.pop_back();
  json.append(R"(,"balancer":)").append(totals_.whole()).append("}");
  return json;
}

}  // namespace spillway::balancer
