#include "server/handoff.h"

#include <algorithm>
#include <utility>

#include "protocol/server_message.h"

namespace spillway::server {
namespace {

// How long a viewer waits before it connects: within what the server spreads them over anyway.
constexpr std::uint64_t kDelayMsMax = 500;

// A random viewer of a room has most likely not been told yet; where nearly all have, look at each.
constexpr int kPicks = 32;

}  // namespace

void Handoff::begin(LeaveOrder&& order) {
  order_ = std::move(order);
  order_until_tick_ = loop_.wheel.now() + kOrderTicks;
}

void Handoff::begin(const DrainOrder& order) {
  if (drain_) return;
  const auto ticks = [](Duration d) {
    return static_cast<std::uint32_t>(to_ms(d) * ViewerWheel::kTicksPerSecond / 1000);
  };
  const std::uint32_t now = loop_.wheel.now();
  order_ = {};
  drain_ = Drain{.told_by_tick = now + std::max(1U, ticks(order.tell_within)),
                 .close_tick = now + std::max(1U, ticks(order.close_after)),
                 .untold = {}};
  loop_.viewers.for_each([this](Viewer& viewer) {
    if (viewer.leave_tick == 0) drain_->untold.push_back(loop_.viewers.id_of(viewer));
  });
}

void Handoff::tick() {
  if (drain_) {
    tick_drain();
  } else if (order_.n > 0) {
    tick_order();
  }
}

void Handoff::tick_order() {
  costs_.clear();
  double sum = 0;
  for (const auto& room : rooms_.rooms()) {
    if (room->viewers() == 0) continue;
    // A viewer of a silent room costs next to nothing, but not nothing.
    sum += static_cast<double>(room->deliveries_rate) + 0.01 * room->viewers();
    costs_.push_back({sum, room.get()});
  }
  const std::uint32_t now = loop_.wheel.now();
  const std::uint32_t ticks_left = order_until_tick_ > now ? order_until_tick_ - now : 1;
  const std::uint32_t share = (order_.n + ticks_left - 1) / ticks_left;
  for (std::uint32_t i = 0; i < share; ++i) {
    Viewer* const viewer = costs_.empty() ? nullptr : pick();
    if (viewer == nullptr) break;
    tell(*viewer, "new-wss", next_target(), now + kLeaveTicks);
    --order_.n;
  }
  if (ticks_left <= 1) order_ = {};  // what could not be found now is the next order's business
}

void Handoff::tick_drain() {
  const std::uint32_t now = loop_.wheel.now();
  const std::uint32_t ticks_left = drain_->told_by_tick > now ? drain_->told_by_tick - now : 1;
  auto& untold = drain_->untold;
  const std::size_t share = (untold.size() + ticks_left - 1) / ticks_left;
  for (std::size_t i = 0; i < share; ++i) {
    Viewer* const viewer = loop_.viewers.find(untold.back());
    untold.pop_back();
    if (viewer != nullptr) tell(*viewer, "draining", nullptr, drain_->close_tick);
  }
  if (now != drain_->close_tick) return;
  // Those whose handshake came in between, or who were told by an order before.
  loop_.viewers.for_each([&](Viewer& viewer) {
    viewer.leave_tick = now;
    loop_.check_by(viewer, now + 1);
  });
}

void Handoff::tell(Viewer& viewer, std::string_view reason, const std::string* redirect,
                   std::uint32_t leave_tick) {
  if (viewer.connection.state() != net::Connection::State::kOpen || viewer.leave_tick != 0) return;
  loop_.counters[Counter::kRedistributed]++;
  loop_.answer.begin();
  protocol::append_redistribute(
      loop_.answer.json(), reason,
      redirect == nullptr ? std::nullopt : std::optional<std::string_view>(*redirect),
      static_cast<std::uint32_t>(loop_.random.below(kDelayMsMax + 1)));
  viewer.leave_tick = leave_tick;
  rooms_.told_to_leave(viewer);
  loop_.check_by(viewer, leave_tick);
  loop_.send(viewer);
}

// A viewer that has not been told, its room chosen by what the rooms cost. Null: there is none.
Viewer* Handoff::pick() {
  for (int i = 0; i < kPicks; ++i) {
    const double at = loop_.random.unit() * costs_.back().cost_until;
    const auto chosen = std::upper_bound(costs_.begin(), costs_.end(), at,
                                         [](double v, const Room& r) { return v < r.cost_until; });
    if (chosen == costs_.end()) continue;
    const auto& members = chosen->room->members;
    if (members.empty()) continue;
    Viewer* const viewer = members[loop_.random.below(members.size())];
    if (viewer->leave_tick == 0) return viewer;
  }
  for (const Room& room : costs_) {
    for (Viewer* const viewer : room.room->members) {
      if (viewer->leave_tick == 0) return viewer;
    }
  }
  return nullptr;
}

// Null: the viewer asks the balancer.
const std::string* Handoff::next_target() {
  const auto target = std::max_element(order_.targets.begin(), order_.targets.end(),
                                       [](const auto& a, const auto& b) { return a.n < b.n; });
  if (target == order_.targets.end() || target->n == 0) return nullptr;
  --target->n;
  return &target->url;
}

}  // namespace spillway::server
