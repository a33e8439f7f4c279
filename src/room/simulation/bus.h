// The fake Redis as servers reach it: connections on which things take time, and which break.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "room/simulation/fake_redis.h"
#include "room/simulation/timeline.h"
#include "room/simulation/weather.h"

namespace spillway::room::simulation {

class Link;

// The Redis process with its subscribers.
class Bus {
 public:
  Bus(Timeline& time, FakeRedis::Watch watch);

  FakeRedis& redis() { return redis_; }
  const FakeRedis& redis() const { return redis_; }
  std::uint64_t process() const { return process_; }
  bool refusing = false;  // answers everything with an error
  bool away = false;      // nobody can connect
  bool calm = false;      // what is published arrives, if the connection lives

  // All connections break; what had not arrived never does.
  void restart(FakeRedis::Keeps keeps);
  // All connections break, and the process goes on.
  void cut_off();

  void add(Link* link) { links_.push_back(link); }
  void remove(Link* link);

 private:
  void push(const BatchPtr& batch);

  Timeline& time_;
  std::vector<Link*> links_;
  FakeRedis redis_;
  std::uint64_t process_ = 1;
};

struct Refused {};
using BusAnswer = std::variant<Refused, EpochState, Receipt, Page>;
// nullopt: the connection died before the answer. Redis may have done it, or may yet do it.
using OnBusAnswer = std::function<void(const std::optional<BusAnswer>&)>;

// One server's three connections, as server/redis_link.h has them.
class Link {
 public:
  enum Wire : std::uint8_t { kCommands, kReader, kSubscriber };
  static constexpr std::size_t kWires = 3;

  struct Events {
    std::function<void()> on_ready;
    std::function<void()> on_lost;
    std::function<void()> on_subscriber_lost;
    std::function<void()> on_subscribed;
    std::function<void(const BatchPtr&)> on_message;
  };

  Link(Timeline& time, Bus& bus, const Weather& weather, Events events);
  // The server is gone. What it has sent may still arrive.
  ~Link();
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  bool ready() const { return ready_; }
  const std::string& run() const { return run_; }

  using Question = std::function<BusAnswer(FakeRedis&)>;
  // REQUIRES ready().
  void ask(Wire wire, Question question, OnBusAnswer on_answer);
  void subscribe();
  void unsubscribe();

  // Redis takes the channel for unsubscribed, and nobody says so.
  void forget_subscription() { subscribed_ = false; }
  void lose(Wire wire);
  void lose_all();

 private:
  friend class Bus;
  struct Call {
    Question question;
    OnBusAnswer on_answer;
    std::uint64_t process = 0;        // of Redis
    bool lost = false;                // nobody waits for the answer
    bool swallowed = false;           // and it never arrives
    std::optional<TimePoint> late{};  // or not before then
  };
  struct Connection {
    bool up = false;
    std::uint64_t life = 0;
    TimePoint last_arrival{};
    TimePoint last_answer{};
    std::vector<std::shared_ptr<Call>> calls;
  };

  void connect_later(Wire wire);
  void connected(Wire wire);
  std::vector<std::shared_ptr<Call>> abandon(Connection& connection);
  void arrive(Wire wire, const std::shared_ptr<Call>& call);
  void send_subscribe();
  void deliver(Duration way, std::function<void()> what);
  void push(const BatchPtr& batch);
  template <typename Fn>
  void in(Duration delay, Fn fn);

  Timeline& time_;
  Bus& bus_;
  const Weather& weather_;
  Events events_;
  Connection wires_[kWires];
  std::string run_;
  bool ready_ = false;
  bool wanted_ = false;             // the room's channel, by us
  bool subscribed_ = false;         // by Redis
  std::uint64_t subscription_ = 0;  // confirmations of older ones do not count
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace spillway::room::simulation
