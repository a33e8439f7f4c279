// The scripts in a real Redis against the model of them that the simulation of rooms stands on:
// the same random calls, and after each the same answer and the same log.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/random.h"
#include "room/simulation/fake_redis.h"
#include "server/scripts_fixture.h"

namespace spillway::server {
namespace {

using room::simulation::FakeRedis;
using room::simulation::Publication;
using room::simulation::Seen;
using Texts = std::vector<std::string>;

class ScriptsModel : public ScriptsTest {
 protected:
  static std::vector<std::string> args(const Seen& seen) {
    return {seen.run, seen.epoch, std::to_string(seen.seq), seen.fresh, "86400"};
  }

  void settle(const Seen& seen) {
    const auto answer = eval(settle_, {"meta", "log"}, args(seen));
    const room::EpochState model = model_.settle(seen);
    EXPECT_EQ(texts(answer), (Texts{model.epoch, std::to_string(model.seq), model.prev_epoch,
                                    std::to_string(model.prev_seq)}));
  }

  // `expecting`: with the header that the batch has if the model stands where `seen` says.
  // What is renewed with it is nothing that the model knows.
  void publish(const Seen& seen, const Publication& batch, bool expecting, bool renews) {
    std::string lines;
    if (expecting) {
      protocol::append_batch_header(
          lines, {seen.epoch, seen.seq + 1, batch.count, batch.server, batch.number});
    }
    lines += batch.lines;
    std::vector<std::string> all = args(seen);
    all.insert(all.end(),
               {"channel", batch.server, std::to_string(batch.number), std::to_string(batch.count),
                std::to_string(batch.keep_from), "600000", renews ? "1" : "0", lines});
    const auto answer = eval(publish_, {"meta", "log"}, std::move(all));
    const auto model = model_.publish(seen, batch, {});
    EXPECT_EQ(answer.reply.error_text().starts_with("STALE"), model.stale);
    if (model.stale) return;
    EXPECT_EQ(texts(answer), (Texts{model.epoch, std::to_string(model.first_seq)}));
  }

  void read(std::uint64_t from, std::uint64_t to, std::size_t bytes) {
    const auto answer = eval(read_, {"log", "meta"},
                             {std::to_string(from), std::to_string(to), std::to_string(bytes)});
    const auto model = model_.read(from, to, bytes);
    EXPECT_EQ(answer.reply[0].integer() == 1, model.complete);
    ASSERT_EQ(answer.reply[1].size(), model.batches.size());
    for (std::size_t i = 0; i < model.batches.size(); ++i) {
      EXPECT_TRUE(answer.reply[1][i].text().ends_with('\n' + model.batches[i]->lines));
    }
    EXPECT_EQ(answer.reply[2].text(), model.epoch);
  }

  void expect_the_same_log() {
    Texts log = texts(eval(read_, {"log", "meta"}, {"-", "+", "100000000"}).reply[1]);
    EXPECT_EQ(Texts(log.rbegin(), log.rend()), model_.log_texts());
  }

  void forget(const char* key) { ask(*client_, redis::Command("DEL").arg(key)); }

  FakeRedis model_{{[](const room::EpochState&) {}, [](const room::BatchPtr&) {}, [] {}}};
};

TEST_F(ScriptsModel, AnswersAsRedisDoes) {
  const std::uint64_t seed = random_seed();
  SCOPED_TRACE(fmt::format("seed {}", seed));
  Random random(seed);
  int run = 1;
  for (int i = 0; i < 1500 && !HasFailure(); ++i) {
    const room::EpochState now = model_.state();
    Seen seen{fmt::format("run-{}", run), now.epoch, now.seq, fmt::format("e{}", i)};
    if (random.below(10) == 0) seen.epoch = "another";
    if (random.below(10) == 0) seen.seq += random.below(4);
    if (random.below(10) == 0) seen.seq -= std::min<std::uint64_t>(seen.seq, random.below(9));
    const std::uint64_t what = random.below(100);
    if (what < 60) {
      Publication batch{fmt::format("server-{}", random.below(3)), random.below(8) + i / 8, 1, 0,
                        fmt::format("line {}", i)};
      for (; random.below(3) == 0; ++batch.count) batch.lines += "\nand more";
      // Also beyond all that there is.
      if (random.below(3) == 0)
        batch.keep_from = seen.seq + 3 - std::min(seen.seq, random.below(9));
      publish(seen, batch, random.below(2) == 0, random.below(2) == 0);
    } else if (what < 75) {
      settle(seen);
    } else if (what < 90) {
      const std::uint64_t from = random.below(now.seq + 2);
      read(from, from + random.below(30), 1 + random.below(400));
    } else if (what < 94) {
      ++run;
    } else if (what < 97) {
      forget("meta");
      model_.delete_meta();
    } else {
      forget("log");
      model_.delete_log();
    }
    expect_the_same_log();
  }
}

}  // namespace
}  // namespace spillway::server
