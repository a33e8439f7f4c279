#include "base/fifo.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "base/random.h"

namespace spillway {
namespace {

TEST(Fifo, AnswersLikeADequeWhateverIsDoneToIt) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    Fifo<std::string> fifo;
    std::deque<std::string> model;
    const std::uint64_t pushes = 30 + random.below(40);  // in a hundred: growing or shrinking
    for (int step = 0; step < 2000; ++step) {
      const std::uint64_t what = random.below(100);
      if (what < pushes) {
        model.push_back(std::to_string(step) + " is long enough to be on the heap");
        fifo.push(model.back());
      } else if (what < 97 && !model.empty()) {
        if (random.below(4) == 0) {
          model.pop_back();
          fifo.pop_back();
        } else {
          ASSERT_EQ(fifo.pop(), model.front());
          model.pop_front();
        }
      } else if (what == 99 && random.below(20) == 0) {
        model.clear();
        fifo.clear();
      }
      ASSERT_EQ(fifo.size(), model.size());
      ASSERT_EQ(fifo.empty(), model.empty());
      ASSERT_TRUE(std::equal(fifo.begin(), fifo.end(), model.begin(), model.end()));
      if (model.empty()) continue;
      ASSERT_EQ(fifo.front(), model.front());
      ASSERT_EQ(fifo.back(), model.back());
      const std::size_t index = random.below(model.size());
      ASSERT_EQ(fifo[index], model[index]);
    }
  }
}

TEST(Fifo, TakesValuesThatCanOnlyBeMoved) {
  Fifo<std::unique_ptr<int>> fifo;
  for (int i = 0; i < 100; ++i) fifo.push(std::make_unique<int>(i));
  for (int i = 0; i < 100; ++i) EXPECT_EQ(*fifo.pop(), i);
}

TEST(Fifo, DoesNotGrowWhileItsLengthStays) {
  Fifo<int> fifo;
  for (int i = 0; i < 10; ++i) fifo.push(i);
  for (int i = 10; i < 100'000; ++i) {
    fifo.push(i);
    ASSERT_EQ(fifo.pop(), i - 10);
  }
  EXPECT_EQ(fifo.size(), 10U);
}

TEST(Fifo, FreesWhatItOwnedOnceItIsEmpty) {
  Fifo<std::shared_ptr<int>> fifo;
  const auto value = std::make_shared<int>(1);
  fifo.push(value);
  fifo.push(value);
  fifo.pop();
  fifo.pop_back();
  EXPECT_EQ(value.use_count(), 1);
}

TEST(Fifo, OwnsNoMemoryOnceItIsEmpty) {
  Fifo<int> fifo;
  for (int i = 0; i < 100; ++i) fifo.push(i);
  for (int i = 0; i < 100; ++i) fifo.pop();
  EXPECT_EQ(fifo.memory_items(), 0U);
}

TEST(FifoDeathTest, HasNothingToGiveWhileEmpty) {
  Fifo<int> fifo;
  EXPECT_DEATH(fifo.pop(), "invariant");
  EXPECT_DEATH(fifo.pop_back(), "invariant");
  EXPECT_DEATH(static_cast<void>(fifo.front()), "invariant");
  EXPECT_DEATH(static_cast<void>(fifo.back()), "invariant");
}

}  // namespace
}  // namespace spillway
