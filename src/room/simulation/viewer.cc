#include "room/simulation/viewer.h"

#include <algorithm>
#include <utility>

#include "base/overloaded.h"

namespace spillway::room::simulation {
namespace {

constexpr std::chrono::seconds kAnswerMax{15};

}  // namespace

Viewer::Viewer(Timeline& time, const Weather& weather, Judge& judge, std::string name, Ports ports)
    : time_(time),
      weather_(weather),
      judge_(judge),
      name_(std::move(name)),
      ports_(std::move(ports)),
      form_(time.one_in(2) ? WireForm::kPlain : WireForm::kCoalesced) {
  connecting_ = true;
  time_.in(time_.between(milliseconds(0), milliseconds(300)), [this] { connect(); });
  look_for_silence();
}

void Viewer::connect() {
  place_ = ports_.choose();
  if (place_.server == nullptr) {
    time_.in(milliseconds(50), [this] { connect(); });
    return;
  }
  connecting_ = false;
  connected(++connection_);
}

void Viewer::connected(std::uint32_t connection) {
  connected_ = true;
  registered_ = false;
  last_received_ = last_sent_ = time_.now();
  loop_ = time_.below(place_.server->loops());
  id_ = place_.server->loop(loop_).connect(form_, [this, connection](ViewerMessage&& message) {
    last_received_ =
        std::max(last_received_, time_.now() + time_.between(microseconds(30), milliseconds(2)));
    time_.at(last_received_, [this, connection, message = std::move(message)]() mutable {
      if (connected_ && connection_ == connection) receive(message);
    });
  });
  Wish wish;
  wish.since = position_;
  if (time_.one_in(3)) wish.history = static_cast<std::uint32_t>(time_.below(8));
  time_.trace([&] {
    return name_ + " comes to " + place_.server->id() + " with " +
           (position_ ? position_->epoch + ":" + std::to_string(position_->seq) : "nothing");
  });
  expects_verdict_ = position_.has_value();
  to_server([id = id_, wish](Loop& loop) { loop.enter(id, wish); });
  for (Waiting& line : waiting_) send(line);
}

// In order, as long as the connection lives.
void Viewer::to_server(std::function<void(Loop&)> what) {
  last_sent_ = std::max(last_sent_, time_.now() + time_.between(microseconds(0), milliseconds(2)));
  time_.at(last_sent_, [this, life = place_.life, loop = loop_, what = std::move(what)] {
    if (Server* const server = ports_.find(life)) what(server->loop(loop));
  });
}

void Viewer::say_something() {
  Said said{ports_.next_line()};
  said.first_sent = time_.now();
  said.connection = connected_ ? connection_ : connection_ + 1;
  said_.push_back(std::move(said));
  waiting_.push_back({said_.size() - 1});
  if (connected_) send(waiting_.back());
}

void Viewer::send(Waiting& line) {
  Said& said = said_[line.said];
  ++said.sent;
  line.sent_on = connection_;
  line.sent_at = time_.now();
  time_.trace([&] { return name_ + " says " + std::to_string(said.id); });
  std::string json = R"({"ts":)" + std::to_string(time_.wall().ms) + R"(,"message":"m)" +
                     std::to_string(said.id) + R"("})";
  to_server([id = id_, line_id = said.id, json = std::move(json)](Loop& loop) {
    loop.say(id, line_id, json);
  });
}

void Viewer::lose_connection() {
  if (!connected_) return;
  connected_ = false;
  // The server notices in its own time.
  time_.in(time_.between(microseconds(0), milliseconds(400)),
           [this, life = place_.life, loop = loop_, id = id_] {
             if (Server* const server = ports_.find(life)) server->loop(loop).leave(id);
           });
  if (std::exchange(connecting_, true)) return;
  const Duration delay = time_.one_in(2) ? time_.between(microseconds(100), milliseconds(3))
                                         : time_.between(milliseconds(3), milliseconds(300));
  time_.in(delay, [this] { connect(); });
}

void Viewer::receive(ViewerMessage& message) {
  std::visit(overloaded{[this](const Registered& answer) { registered(answer); },
                        [this](const Written& written) {
                          if (!registered_)
                            judge_.complain(name_ + " gets messages before its place");
                          if (position_) judge_.written(name_, *position_, written.bytes);
                        },
                        [this](const Gap& gap) {
                          // A new connection can be written to at once.
                          if (recovered_at_ == gap.sent) {
                            judge_.complain(name_ + ": recovered, with a gap behind");
                          }
                          if (position_) judge_.gap(name_, *position_, gap);
                        },
                        [this](const Acked& ack) { acked(ack); },
                        [this](const Refusal& refusal) { refused(refusal.line); },
                        [this](const RegisterFailed&) { lose_connection(); },
                        [this](const Closed&) { lose_connection(); }},
             message);
  if (hops && time_.one_in(weather_.one_hop_in)) lose_connection();
}

void Viewer::registered(const Registered& answer) {
  const bool first = !std::exchange(registered_, true);
  time_.trace([&] {
    return name_ + " is registered at " + answer.position.epoch + ":" +
           std::to_string(answer.position.seq) +
           (answer.recovered ? *answer.recovered ? ", recovered" : ", not recovered" : "");
  });
  const bool asked = !first || expects_verdict_;
  position_ = judge_.registered(name_, asked ? position_ : std::nullopt, answer);
  if (first) recovered_at_.reset();
  if (first && answer.recovered.value_or(false)) recovered_at_ = answer.sent;
}

Viewer::Waiting* Viewer::waiting(LineId line) {
  const auto found = std::find_if(waiting_.begin(), waiting_.end(),
                                  [&](const Waiting& one) { return said_[one.said].id == line; });
  return found == waiting_.end() ? nullptr : &*found;
}

void Viewer::acked(const Acked& ack) {
  Waiting* const line = waiting(ack.line);
  if (line == nullptr) {
    judge_.complain(name_ + ": an ack of line " + std::to_string(ack.line) + " too many");
    return;
  }
  said_[line->said].acked.push_back(ack.seq);
  waiting_.erase(waiting_.begin() + (line - waiting_.data()));
}

// It was not handed to Redis: it is said again.
void Viewer::refused(LineId id) {
  Waiting* const line = waiting(id);
  if (line == nullptr) return;
  ++said_[line->said].refused;
  send(*line);
}

// As long as the connection lives, every line is answered in time.
void Viewer::look_for_silence() {
  for (const Waiting& line : waiting_) {
    if (!connected_ || line.sent_on != connection_ || time_.now() - line.sent_at <= kAnswerMax) {
      continue;
    }
    judge_.complain(name_ + ": no answer to line " + std::to_string(said_[line.said].id));
    lose_connection();
  }
  time_.in(std::chrono::seconds(2), [this] { look_for_silence(); });
}

void Viewer::judge_the_end(const EpochState& redis) {
  judge_.at_the_end(name_, position_, redis);
  judge_.said(name_, said_);
}

}  // namespace spillway::room::simulation
