// RoomSync against a Redis of a few lines that publishes, restarts, forgets and delays at random.
#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/overloaded.h"
#include "base/random.h"
#include "protocol/batch.h"
#include "room/room_sync.h"

namespace spillway::room {
namespace {

const HistoryRules kRules{50, std::chrono::milliseconds(0), 1024 * 1024};

// What the scripts do, and all that was ever said.
class FakeRedis {
 public:
  BatchPtr publish(std::uint32_t count) {
    settle("", 0, run_);  // by another server
    auto batch = std::make_shared<Batch>();
    batch->epoch = now_.epoch;
    batch->first_seq = now_.seq + 1;
    batch->count = count;
    for (std::uint32_t i = 0; i < count; ++i) {
      if (i > 0) batch->lines += '\n';
      const std::string line = R"({"message":")" + std::to_string(++said_) + R"("})";
      truth_[now_.epoch][++now_.seq] = line;
      batch->lines += line;
    }
    log_.push_back(batch);
    return batch;
  }

  EpochState settle(const std::string& seen_epoch, std::uint64_t seen_seq, int run) {
    if (now_.epoch.empty()) {
      log_.clear();
      now_ = {fresh_epoch(), 0, "", 0};
      run_of_epoch_ = run;
    } else if (run_of_epoch_ != run || (seen_epoch == now_.epoch && now_.seq < seen_seq)) {
      const std::string epoch = fresh_epoch();
      parents_[epoch] = {now_.epoch, now_.seq};
      now_ = {epoch, now_.seq, now_.epoch, now_.seq};
      run_of_epoch_ = run;
    }
    return now_;
  }

  struct Page {
    std::vector<BatchPtr> batches;
    bool complete = true;
    std::string epoch;
  };
  Page read(const ReadPage& wanted, std::size_t batches_max) const {
    Page page;
    page.epoch = now_.epoch;
    for (auto batch = log_.rbegin(); batch != log_.rend(); ++batch) {
      if ((*batch)->first_seq > wanted.to || (*batch)->first_seq < wanted.from) continue;
      if (page.batches.size() == batches_max) {
        page.complete = false;
        break;
      }
      page.batches.push_back(*batch);
    }
    return page;
  }

  void restart(std::size_t batches_lost) {
    ++run_;
    for (; batches_lost > 0 && !log_.empty(); --batches_lost) {
      now_.seq = log_.back()->first_seq - 1;
      now_.epoch = log_.back()->epoch;  // as it was before the batch; its parents with it
      const auto parent = parents_.find(now_.epoch);
      const bool has_parent = parent != parents_.end();
      now_.prev_epoch = has_parent ? parent->second.epoch : "";
      now_.prev_seq = has_parent ? parent->second.seq : 0;
      log_.pop_back();
    }
  }
  void forget_meta() { now_ = {}; }
  void trim(std::size_t batches_kept) {
    while (log_.size() > batches_kept) log_.pop_front();
  }

  int run() const { return run_; }
  const EpochState& now() const { return now_; }

  // What message `seq` of `epoch` says, in it or in those that it continues.
  std::string truth(std::string epoch, std::uint64_t seq) const {
    while (true) {
      const auto parent = parents_.find(epoch);
      if (parent == parents_.end() || seq > parent->second.seq) break;
      epoch = parent->second.epoch;
    }
    const auto life = truth_.find(epoch);
    if (life == truth_.end()) return "no such epoch";
    const auto message = life->second.find(seq);
    return message == life->second.end() ? "no such message" : message->second;
  }

 private:
  std::string fresh_epoch() { return "e" + std::to_string(++epochs_); }

  EpochState now_;
  int run_ = 1;
  int run_of_epoch_ = 0;
  int epochs_ = 0;
  std::uint64_t said_ = 0;
  std::deque<BatchPtr> log_;
  std::map<std::string, protocol::Position> parents_;
  std::map<std::string, std::map<std::uint64_t, std::string>> truth_;
};

// Drives the machine as the hub does, with every answer and batch as late as chance has it.
class World {
 public:
  explicit World(std::uint64_t seed) : random_(seed) { reconnect(); }

  void step() {
    const std::uint64_t what = random_.below(1000);
    if (what < 250) {
      publish();
    } else if (what < 500) {
      deliver();
    } else if (what < 930) {
      ask_or_answer();
    } else if (what < 950) {
      lose_subscriber();
    } else if (what < 965) {
      lose();
    } else if (what < 975) {
      redis_.restart(random_.below(2) == 0 ? 0 : random_.below(6));
      lose();
      lose_subscriber();
    } else if (what < 985) {
      redis_.trim(random_.below(8));
    } else if (what < 988) {
      redis_.forget_meta();
    } else {
      act([this](SyncActions& out) { sync_.recheck(out); });
    }
    if (!connected_ && random_.below(3) == 0) reconnect();
    if (!subscribed_ && subscriber_wanted_ && random_.below(3) == 0) confirm();
  }

  // Redis is well again, and everything under way arrives.
  void settle_down() {
    if (!connected_) reconnect();
    if (!subscribed_) confirm();
    for (int i = 0; i < 2000 && (asked_ || !bus_.empty()); ++i) {
      deliver();
      ask_or_answer();
    }
  }

  void expect_the_truth() const {
    ASSERT_EQ(sync_.phase(), RoomSync::Phase::kLive);
    if (redis_.now().epoch.empty()) return;  // nobody has asked since its meta went
    // Without a batch or a question nobody can know of a new epoch that another server made.
    ASSERT_EQ(sync_.state().epoch, redis_.now().epoch);
    ASSERT_EQ(sync_.state().seq, redis_.now().seq);
    ASSERT_EQ(loop_seq_, redis_.now().seq);
    ASSERT_EQ(loop_epoch_, redis_.now().epoch);
  }

  void publish() {
    const BatchPtr batch = redis_.publish(1 + static_cast<std::uint32_t>(random_.below(4)));
    if (subscribed_) bus_.push_back(batch);
  }

 private:
  struct Asked {
    std::variant<Settle, ReadPage> question;
    std::string seen_epoch;
    std::uint64_t seen_seq = 0;
    std::optional<std::variant<EpochState, FakeRedis::Page>> answer;
  };

  template <typename Event>
  void act(Event event) {
    SyncActions actions;
    event(actions);
    while (!actions.empty()) {
      SyncActions more;
      for (const SyncAction& action : actions) perform(action, more);
      actions = std::move(more);
    }
    expect_a_whole_log();
  }

  void perform(const SyncAction& action, SyncActions& more) {
    std::visit(overloaded{[&](const Subscribe&) {
                            subscriber_wanted_ = true;
                            if (subscribed_) sync_.subscribed(more);
                          },
                          [&](const Settle&) {
                            ASSERT_FALSE(asked_) << "one question at a time";
                            asked_ = {Settle{}, sync_.state().epoch, sync_.seen(), {}};
                          },
                          [&](const ReadPage& page) {
                            ASSERT_FALSE(asked_) << "one question at a time";
                            ASSERT_LE(page.from, page.to);
                            asked_ = {page, {}, 0, {}};
                          },
                          [&](const Append& append) { take(*append.batch); },
                          [&](const Opened& opened) {
                            const bool first = loop_epoch_.empty();
                            const bool missed = loop_seq_ != sync_.state().seq;
                            if (first || missed || opened.new_epoch) snapshot();
                          }},
               action);
  }

  // What a loop makes of it.
  void take(const Batch& batch) {
    if (batch.last_seq() <= loop_seq_) return;  // its snapshot had it
    ASSERT_EQ(loop_epoch_, sync_.state().epoch);
    expect_true(batch);
    loop_seq_ = batch.last_seq();
  }
  void snapshot() {
    loop_epoch_ = sync_.state().epoch;
    loop_seq_ = sync_.state().seq;
  }

  void expect_true(const Batch& batch) const {
    std::uint64_t seq = batch.first_seq;
    protocol::for_each_line(batch.lines, [&](std::string_view line) {
      ASSERT_EQ(line, redis_.truth(sync_.state().epoch, seq)) << sync_.state().epoch << ' ' << seq;
      ++seq;
    });
  }

  void expect_a_whole_log() const {
    if (!sync_.opened() || sync_.log().empty()) return;
    std::uint64_t next = sync_.first_seq();
    for (const BatchPtr& batch : sync_.log().after(0)) {
      ASSERT_EQ(batch->first_seq, next);
      expect_true(*batch);
      next = batch->last_seq() + 1;
    }
    ASSERT_EQ(next, sync_.state().seq + 1);
  }

  void deliver() {
    if (bus_.empty()) return;
    const BatchPtr batch = bus_.front();
    bus_.pop_front();
    act([&](SyncActions& out) { sync_.live(batch, {}, out); });
  }

  void ask_or_answer() {
    if (!asked_) return;
    if (!asked_->answer) {
      if (const auto* page = std::get_if<ReadPage>(&asked_->question)) {
        asked_->answer = redis_.read(*page, 1 + random_.below(3));
      } else {
        asked_->answer = redis_.settle(asked_->seen_epoch, asked_->seen_seq, redis_.run());
      }
      return;
    }
    const auto answer = std::move(*asked_->answer);
    asked_.reset();
    act([&](SyncActions& out) {
      if (random_.below(20) == 0) {
        sync_.retry(out);
      } else if (const auto* state = std::get_if<EpochState>(&answer)) {
        sync_.settled(*state, out);
      } else {
        const auto& page = std::get<FakeRedis::Page>(answer);
        sync_.page(page.batches, page.complete, page.epoch, {}, out);
      }
    });
  }

  void lose() {
    connected_ = false;
    asked_.reset();
    sync_.lost();
  }
  void reconnect() {
    connected_ = true;
    act([this](SyncActions& out) { sync_.start(out); });
  }
  void lose_subscriber() {
    subscribed_ = false;
    bus_.clear();
  }
  void confirm() {
    subscribed_ = true;
    act([this](SyncActions& out) { sync_.subscribed(out); });
  }

  Random random_;
  FakeRedis redis_;
  RoomSync sync_{kRules};
  bool connected_ = false;
  bool subscribed_ = false;
  bool subscriber_wanted_ = false;
  std::deque<BatchPtr> bus_;
  std::optional<Asked> asked_;
  std::string loop_epoch_;
  std::uint64_t loop_seq_ = 0;
};

TEST(RoomSyncModel, NeverTellsAnUntruthAndAlwaysEndsLive) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE(seed);
    World world(seed);
    for (int i = 0; i < 150; ++i) world.step();
    world.settle_down();
    world.expect_the_truth();
    // And goes on from there.
    world.publish();
    world.settle_down();
    world.expect_the_truth();
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace spillway::room
