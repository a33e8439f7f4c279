#include "load/sequence.h"

#include <gtest/gtest.h>

namespace spillway::load {
namespace {

using Verdict = Sequence::Verdict;

Sequence at(std::uint64_t position) {
  Sequence sequence;
  sequence.begin(position);
  return sequence;
}

TEST(Sequence, TakesTheOrderAsItIs) {
  Sequence sequence = at(41);
  EXPECT_EQ(sequence.saw(42), Verdict::kNext);
  sequence.advance();
  EXPECT_EQ(sequence.saw(44), Verdict::kNext);
  EXPECT_EQ(sequence.missing(), 0U);
}

TEST(Sequence, FindsAHoleAndWhatFillsIt) {
  Sequence sequence = at(0);
  EXPECT_EQ(sequence.saw(5), Verdict::kAfterHole);
  EXPECT_EQ(sequence.missing(), 4U);
  EXPECT_EQ(sequence.saw(3), Verdict::kLate);
  EXPECT_EQ(sequence.saw(1), Verdict::kLate);
  EXPECT_EQ(sequence.saw(4), Verdict::kLate);
  EXPECT_EQ(sequence.missing(), 1U);
  EXPECT_EQ(sequence.saw(3), Verdict::kRepeat);
  EXPECT_EQ(sequence.saw(2), Verdict::kLate);
  EXPECT_EQ(sequence.missing(), 0U);
  EXPECT_EQ(sequence.saw(6), Verdict::kNext);
}

TEST(Sequence, FindsARepeat) {
  Sequence sequence = at(0);
  EXPECT_EQ(sequence.saw(1), Verdict::kNext);
  EXPECT_EQ(sequence.saw(1), Verdict::kRepeat);
  EXPECT_EQ(at(9).saw(9), Verdict::kRepeat);
}

TEST(Sequence, CountsAnAnnouncedGapAsMissing) {
  Sequence sequence = at(10);
  EXPECT_EQ(sequence.skip(11, 20), 10U);
  EXPECT_EQ(sequence.next(), 21U);
  EXPECT_EQ(sequence.missing(), 10U);
  EXPECT_EQ(sequence.skip(15, 22), 2U) << "only what is news";
  EXPECT_EQ(sequence.skip(1, 5), 0U);
  EXPECT_EQ(sequence.saw(23), Verdict::kNext);
}

TEST(Sequence, DoesNotForgetWhatNobodyAnnounced) {
  Sequence sequence = at(0);
  EXPECT_EQ(sequence.skip(5, 6), 2U);
  EXPECT_EQ(sequence.missing(), 6U);
}

TEST(Sequence, CountsHolesItNoLongerRemembers) {
  Sequence sequence = at(0);
  constexpr std::uint64_t kHoles = 3 * Sequence::kHolesMax;
  for (std::uint64_t i = 1; i <= kHoles; ++i) {
    EXPECT_EQ(sequence.saw(2 * i), Verdict::kAfterHole);
  }
  EXPECT_EQ(sequence.missing(), kHoles);
}

// Of one hole each message that comes late may make two.
TEST(Sequence, RemembersOnlySoManyPartsOfAHole) {
  Sequence sequence = at(0);
  constexpr std::uint64_t kLast = 4 * Sequence::kHolesMax;
  EXPECT_EQ(sequence.saw(kLast), Verdict::kAfterHole);
  for (std::uint64_t seq = 2; seq < kLast; seq += 2) EXPECT_EQ(sequence.saw(seq), Verdict::kLate);
  EXPECT_EQ(sequence.missing(), kLast / 2);
  EXPECT_EQ(sequence.saw(kLast - 1), Verdict::kLate);
  EXPECT_EQ(sequence.saw(1), Verdict::kRepeat) << "forgotten, and still missing";
  EXPECT_EQ(sequence.missing(), kLast / 2 - 1);
}

TEST(Sequence, BeginsAnewWithNothingMissing) {
  Sequence sequence = at(0);
  EXPECT_EQ(sequence.saw(7), Verdict::kAfterHole);
  sequence.begin(100);
  EXPECT_EQ(sequence.missing(), 0U);
  EXPECT_EQ(sequence.next(), 101U);
}

}  // namespace
}  // namespace spillway::load
