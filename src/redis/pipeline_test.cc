#include "redis/pipeline.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace spillway::redis {
namespace {

using namespace std::chrono_literals;

class PipelineTest : public ::testing::Test {
 protected:
  // A command whose answer writes its name down.
  [[nodiscard]] bool push(const std::string& name, Duration timeout = 5s) {
    return pipeline_.push(
        Command(name), [this, name](Answer) { answered_.push_back(name); }, now_ + timeout);
  }

  std::string take() {
    std::string out;
    pipeline_.take(out);
    return out;
  }

  Pipeline pipeline_{4096};
  TimePoint now_{};
  std::vector<std::string> answered_;
};

TEST_F(PipelineTest, GivesAllWaitingCommandsAtOnceInOrder) {
  ASSERT_TRUE(push("A"));
  ASSERT_TRUE(push("B"));
  EXPECT_EQ(take(), "*1\r\n$1\r\nA\r\n*1\r\n$1\r\nB\r\n");
  EXPECT_EQ(take(), "");
  ASSERT_TRUE(push("C"));
  std::string out = "before ";
  pipeline_.take(out);
  EXPECT_EQ(out, "before *1\r\n$1\r\nC\r\n");
}

TEST_F(PipelineTest, MatchesRepliesInTheOrderOfSending) {
  ASSERT_TRUE(push("A"));
  ASSERT_TRUE(push("B"));
  take();
  ASSERT_TRUE(push("C"));
  for (int i = 0; i < 2; ++i) (*pipeline_.match())({});
  EXPECT_EQ(answered_, (std::vector<std::string>{"A", "B"}));
  EXPECT_FALSE(pipeline_.match()) << "C was not handed out yet, so no reply can be its";
  take();
  (*pipeline_.match())({});
  EXPECT_EQ(answered_.back(), "C");
  EXPECT_FALSE(pipeline_.match());
}

TEST_F(PipelineTest, TellsApartWhatWasHandedOutAndWhatNever) {
  ASSERT_TRUE(push("A"));
  ASSERT_TRUE(push("B"));
  take();
  (*pipeline_.match())({});
  ASSERT_TRUE(push("C"));
  auto lost = pipeline_.lose();
  ASSERT_EQ(lost.size(), 2u);
  EXPECT_EQ(lost[0].fate, Fate::kUnknown);
  EXPECT_EQ(lost[1].fate, Fate::kNeverSent);
  for (auto& one : lost) one.on_answer({});
  EXPECT_EQ(answered_, (std::vector<std::string>{"A", "B", "C"}));
}

TEST_F(PipelineTest, IsEmptyAfterALoss) {
  ASSERT_TRUE(push("A"));
  take();
  ASSERT_TRUE(push("B"));
  pipeline_.lose();
  EXPECT_EQ(pipeline_.bytes(), 0u);
  EXPECT_EQ(take(), "");
  EXPECT_FALSE(pipeline_.match());
  EXPECT_EQ(pipeline_.next_deadline(), TimePoint::max());
}

TEST_F(PipelineTest, IsBoundedInBytesUntilTheAnswer) {
  const std::string name(900, 'x');
  int taken = 0;
  while (push(name)) ++taken;
  EXPECT_EQ(taken, 3);
  const std::size_t full = pipeline_.bytes();
  take();
  EXPECT_EQ(pipeline_.bytes(), full) << "written is not answered";
  EXPECT_FALSE(push(name));
  EXPECT_EQ(answered_.size(), 0u);
  pipeline_.match();
  EXPECT_TRUE(push(name));
}

TEST_F(PipelineTest, EmptyCommandsCountToo) {
  int taken = 0;
  while (push("A")) ++taken;
  EXPECT_LT(taken, 40);
}

TEST_F(PipelineTest, ExpiresAtTheEarliestDeadlineWhereverItStands) {
  ASSERT_TRUE(push("A", 5s));
  ASSERT_TRUE(push("B", 1s));
  ASSERT_TRUE(push("C", 3s));
  take();
  EXPECT_EQ(pipeline_.next_deadline(), now_ + 1s);
  EXPECT_FALSE(pipeline_.expired(now_ + 999ms));
  EXPECT_TRUE(pipeline_.expired(now_ + 1s));
}

TEST_F(PipelineTest, ForgetsTheDeadlineOfAnAnsweredCommand) {
  ASSERT_TRUE(push("A", 1s));
  ASSERT_TRUE(push("B", 3s));
  take();
  pipeline_.match();
  EXPECT_FALSE(pipeline_.expired(now_ + 1s));
  EXPECT_EQ(pipeline_.next_deadline(), now_ + 3s);
  EXPECT_TRUE(pipeline_.expired(now_ + 3s));
  pipeline_.match();
  EXPECT_EQ(pipeline_.next_deadline(), TimePoint::max());
  EXPECT_FALSE(pipeline_.expired(now_ + 1h));
}

TEST_F(PipelineTest, ExpiresCommandsThatWereNeverHandedOut) {
  ASSERT_TRUE(push("A", 1s));
  EXPECT_TRUE(pipeline_.expired(now_ + 1s));
}

}  // namespace
}  // namespace spillway::redis
