// What the balancer does to the fleet through Redis. Each effect happens only while the lease is
// held, except where a person ordered it.
#pragma once

#include <functional>
#include <string>

#include "balancer/lease.h"
#include "balancer/reading.h"
#include "base/log.h"
#include "protocol/control.h"
#include "protocol/redis_names.h"
#include "redis/client.h"
#include "redis/script.h"

namespace spillway::balancer {

// Owned by the Balancer, on its loop; client and lease must outlive it.
class Orders {
 public:
  enum class Outcome {
    kDone,
    kNobody,  // no server listens there, or it is alive after all
    kLost,    // another balancer decides now
    kAway,    // Redis did not answer, or refused
  };
  using OnOutcome = std::function<void(Outcome)>;

  Orders(redis::Client& client, const Lease& lease, const protocol::RedisNames& names,
         const Silence& silence, Log& log);

  // To a server's control channel.
  void send(const std::string& id, const protocol::ControlMessage& message, const OnOutcome& done);
  // As above, lease or not.
  void send_for_operator(const std::string& id, const protocol::ControlMessage& message,
                         const OnOutcome& done);

  // Takes a server out of Redis, and its viewers out of the rooms: one that is dead by its
  // heartbeat, judged once more in the same moment, or one whose process has certainly ended.
  void remove_dead(const std::string& id, const OnOutcome& done);
  void remove_ended(const std::string& id, const OnOutcome& done);

  // Just before a fork: kDone if the lease is held and fewer than `servers_max` are there. Notes
  // that a balancer started it. For an operator only the number counts.
  void may_start(const std::string& id, std::uint32_t servers_max, bool for_operator,
                 const OnOutcome& done);
  // A Redis that lost its data forgot that a balancer started it.
  void note_started(const std::string& id);
  // It did not come up after all.
  void forget_start(const std::string& id);

 private:
  void run(const redis::Script& script, std::vector<std::string> keys,
           std::vector<std::string> args, const OnOutcome& done);
  std::vector<std::string> removal_keys(const std::string& id) const;

  redis::Client& client_;
  const Lease& lease_;
  const protocol::RedisNames& names_;
  const std::string dead_after_ms_;
  Log& log_;
  const redis::Script publish_;
  const redis::Script publish_guarded_;
  const redis::Script remove_;
  const redis::Script remove_guarded_;
  const redis::Script start_;
  const redis::Script start_guarded_;
};

}  // namespace spillway::balancer
