#include "room/simulation/bus.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace spillway::room::simulation {

Bus::Bus(Timeline& time, FakeRedis::Watch watch)
    : time_(time),
      redis_({std::move(watch.began),
              [this, ledger = std::move(watch.published)](const BatchPtr& batch) {
                ledger(batch);
                push(batch);
              },
              std::move(watch.log_deleted)}) {}

void Bus::remove(Link* link) { links_.erase(std::find(links_.begin(), links_.end(), link)); }

void Bus::restart(FakeRedis::Keeps keeps) {
  redis_.restart(keeps);
  ++process_;
  for (Link* const link : links_) link->lose_all();
}

void Bus::cut_off() {
  for (Link* const link : links_) link->lose_all();
}

void Bus::push(const BatchPtr& batch) {
  time_.trace([&] {
    return "redis: " + batch->epoch + " " + std::to_string(batch->first_seq) + "…" +
           std::to_string(batch->last_seq());
  });
  for (Link* const link : links_) link->push(batch);
}

Link::Link(Timeline& time, Bus& bus, const Weather& weather, Events events)
    : time_(time), bus_(bus), weather_(weather), events_(std::move(events)) {
  bus_.add(this);
  for (const Wire wire : {kCommands, kReader, kSubscriber}) connect_later(wire);
}

Link::~Link() {
  *alive_ = false;
  for (Connection& connection : wires_) abandon(connection);
  bus_.remove(this);
}

template <typename Fn>
void Link::in(Duration delay, Fn fn) {
  time_.in(delay, [alive = alive_, fn = std::move(fn)] {
    if (*alive) fn();
  });
}

void Link::connect_later(Wire wire) {
  in(time_.between(milliseconds(1), milliseconds(120)), [this, wire] { connected(wire); });
}

void Link::connected(Wire wire) {
  if (bus_.away) {
    connect_later(wire);
    return;
  }
  wires_[wire].up = true;
  if (wire == kCommands) run_ = bus_.redis().run();
  if (wire == kSubscriber && wanted_) send_subscribe();
  if (ready_ || !wires_[kCommands].up || !wires_[kReader].up || !wires_[kSubscriber].up) return;
  ready_ = true;
  events_.on_ready();
}

void Link::ask(Wire wire, Question question, OnBusAnswer on_answer) {
  CHECK(ready_);
  Connection& connection = wires_[wire];
  auto call = std::make_shared<Call>();
  call->question = std::move(question);
  call->on_answer = std::move(on_answer);
  call->process = bus_.process();
  connection.calls.push_back(call);
  connection.last_arrival =
      std::max(connection.last_arrival, time_.now() + weather_.redis_way(time_));
  // Also when the server is gone by then.
  auto arrival = [this, &time = time_, &bus = bus_, alive = alive_, wire, call](auto&& again) {
    if (call->swallowed || call->process != bus.process()) return;
    if (call->late && *call->late > time.now()) {
      time.at(*call->late, [again] { again(again); });
      return;
    }
    if (*alive && !call->lost) {
      arrive(wire, call);
    } else {
      time.trace([] { return std::string("redis: a late original arrives"); });
      if (!bus.refusing) call->question(bus.redis());
    }
  };
  time_.at(connection.last_arrival, [arrival] { arrival(arrival); });
}

void Link::arrive(Wire wire, const std::shared_ptr<Call>& call) {
  const auto answer = bus_.refusing ? BusAnswer(Refused{}) : call->question(bus_.redis());
  Connection& connection = wires_[wire];
  connection.last_answer =
      std::max(connection.last_answer, time_.now() + weather_.redis_way(time_));
  in(connection.last_answer - time_.now(), [this, wire, call, answer] {
    if (call->lost) return;
    auto& calls = wires_[wire].calls;
    CHECK(!calls.empty() && calls.front() == call);
    calls.erase(calls.begin());
    call->on_answer(answer);
  });
}

void Link::lose(Wire wire) {
  Connection& connection = wires_[wire];
  if (!connection.up) return;
  connection.up = false;
  ++connection.life;
  ready_ = false;
  if (wire == kSubscriber) subscribed_ = false;
  for (const auto& call : abandon(connection)) call->on_answer(std::nullopt);
  if (wire == kSubscriber) events_.on_subscriber_lost();
  events_.on_lost();
  connect_later(wire);
}

// What is under way may be lost on its way there, on its way back, or be late.
std::vector<std::shared_ptr<Link::Call>> Link::abandon(Connection& connection) {
  auto calls = std::exchange(connection.calls, {});
  if (calls.empty()) return calls;
  const bool arrives = time_.one_in(2);
  const Duration delay = time_.one_in(2) ? time_.between(milliseconds(1), milliseconds(1500))
                                         : Duration(milliseconds(0));
  for (const auto& call : calls) {
    call->lost = true;
    call->swallowed = !arrives;
    call->late = time_.now() + delay;
  }
  return calls;
}

void Link::lose_all() {
  for (const Wire wire : {kCommands, kReader, kSubscriber}) lose(wire);
}

void Link::subscribe() {
  if (std::exchange(wanted_, true)) return;
  if (wires_[kSubscriber].up) send_subscribe();
}

void Link::unsubscribe() {
  wanted_ = false;
  subscribed_ = false;
  ++subscription_;
}

void Link::send_subscribe() {
  in(weather_.redis_way(time_), [this, life = wires_[kSubscriber].life, number = ++subscription_] {
    if (life != wires_[kSubscriber].life || number != subscription_) return;
    subscribed_ = true;
    deliver(weather_.push_way(time_), [this, number] {
      if (number == subscription_) events_.on_subscribed();
    });
  });
}

void Link::push(const BatchPtr& batch) {
  if (!subscribed_) return;
  const std::uint64_t one_in = weather_.one_lost_push_in;
  if (one_in > 0 && !bus_.calm && time_.one_in(one_in)) return;
  deliver(weather_.push_way(time_), [this, batch] { events_.on_message(batch); });
}

// What Redis sends to a subscriber comes in order, as long as the connection lives.
void Link::deliver(Duration way, std::function<void()> what) {
  Connection& connection = wires_[kSubscriber];
  connection.last_answer = std::max(connection.last_answer, time_.now() + way);
  in(connection.last_answer - time_.now(), [this, life = connection.life, what = std::move(what)] {
    if (life == wires_[kSubscriber].life) what();
  });
}

}  // namespace spillway::room::simulation
