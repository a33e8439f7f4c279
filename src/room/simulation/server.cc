#include "room/simulation/server.h"

#include <utility>

#include "base/check.h"
#include "base/overloaded.h"

namespace spillway::room::simulation {
namespace {

// As in server/hub.cc, hub_sync.cc and publisher.
constexpr milliseconds kBringUp{20};
constexpr milliseconds kQuestionRetry{250};
constexpr milliseconds kRefusedRetry{200};
constexpr std::chrono::seconds kUnavailableAfter{10};
constexpr milliseconds kFateUnknownAfter{13'500};
constexpr milliseconds kRestEvery{400};
constexpr milliseconds kSooner{1800};    // rooms rest so much sooner: a storm is short
constexpr std::size_t kReadBytes = 300;  // small, so that a read takes several pages

}  // namespace

class Server::Port final : public FeedPort {
 public:
  explicit Port(Server& server) : server_(server) {}
  bool post(std::uint32_t loop, RoomSnapshot&& snapshot) override {
    return server_.post(loop, std::move(snapshot));
  }
  bool post(std::uint32_t loop, RoomBatch&& batch) override {
    return server_.post(loop, std::move(batch));
  }
  bool post(std::uint32_t loop, RoomRest&& rest) override {
    return server_.post(loop, std::move(rest));
  }
  void behind(std::uint32_t loop) override {
    server_.in(kBringUp, [&server = server_, loop] {
      Port port(server);
      if (server.room_) server.room_->feed.bring_up(loop, server.room_->sync, port);
    });
  }

 private:
  Server& server_;
};

Server::Server(Timeline& time, Bus& bus, const Weather& weather, std::string id)
    : time_(time),
      weather_(weather),
      id_(std::move(id)),
      numbers_(time.wall()),
      link_(time, bus, weather,
            {[this] { ready(); }, [this] { lost(); },
             [this] {
               if (room_) room_->confirmed = false;
             },
             [this] {
               if (!room_) return;
               room_->confirmed = true;
               SyncActions actions;
               room_->sync.subscribed(actions);
               run(std::move(actions));
             },
             [this](const BatchPtr& batch) {
               if (!room_) return;
               SyncActions actions;
               room_->sync.live(batch, time_.wall(), actions);
               run(std::move(actions));
             }}) {
  for (std::uint32_t i = 0; i < weather.loops; ++i) {
    loops_.push_back(std::make_unique<LoopAt>());
    loops_[i]->loop = std::make_unique<Loop>(
        time, weather, i, [this, i](HubMessage&& message) { from_loop(i, std::move(message)); });
  }
  tick();
  rest();
}

template <typename Fn>
void Server::in(Duration delay, Fn fn) {
  time_.in(delay, [alive = alive_, fn = std::move(fn)] {
    if (*alive) fn();
  });
}

// The hub lives on loop 0: to it there are plain calls, to the others bounded mailboxes. Answers to
// viewers always fit: in a server a mailbox is four orders of magnitude larger than here.
bool Server::post(std::uint32_t loop, LoopMessage&& message) {
  if (loop == 0) {
    loops_[0]->loop->handle(std::move(message));
    return true;
  }
  Fifo<LoopMessage>& box = loops_[loop]->box;
  const bool answers = std::holds_alternative<Acks>(message) ||
                       std::holds_alternative<Unavailable>(message) ||
                       std::holds_alternative<FateUnknown>(message);
  if (!answers && box.size() >= weather_.mailbox_messages) return false;
  box.push(std::move(message));
  if (box.size() == 1) {
    in(time_.between(microseconds(5), milliseconds(2)), [this, loop] { drain(loop); });
  }
  return true;
}

void Server::drain(std::uint32_t loop) {
  Fifo<LoopMessage> taken = std::exchange(loops_[loop]->box, {});
  while (!taken.empty()) loops_[loop]->loop->handle(taken.pop());
}

void Server::from_loop(std::uint32_t loop, HubMessage&& message) {
  if (loop == 0) {
    handle(loop, std::move(message));
    return;
  }
  in(microseconds(20),
     [this, loop, message = std::move(message)] { handle(loop, HubMessage(message)); });
}

void Server::handle(std::uint32_t loop, HubMessage&& message) {
  std::visit(overloaded{[&](const WantRoom&) { want(loop); },
                        [&](const ReleaseRoom&) {
                          if (!room_) return;
                          room_->feed.release(loop);
                          drop_if_unused();
                        },
                        [&](const RecheckRoom& recheck) {
                          if (!room_) return;
                          if (!room_->feed.recheck(loop, recheck.question, room_->sync)) return;
                          SyncActions actions;
                          room_->sync.recheck(actions);
                          run(std::move(actions));
                        },
                        [&](Outgoing& said) {
                          CHECK(room_ != nullptr);
                          room_->commit.add(std::move(said));
                          pump();
                        }},
             message);
}

void Server::want(std::uint32_t loop) {
  if (!room_) {
    room_ = std::make_unique<Room>(weather_.rules, loops_.size(), ++rooms_ever_ << 32U);
    if (link_.ready()) {
      SyncActions actions;
      room_->sync.start(actions);
      run(std::move(actions));
    }
  }
  Port port(*this);
  room_->feed.want(loop, room_->sync, port);
}

void Server::drop_if_unused() {
  if (!room_ || room_->feed.wanted() || !room_->commit.idle()) return;
  link_.unsubscribe();
  room_.reset();
}

void Server::missed() {
  if (!room_) return;
  if (!link_.ready()) {  // it is looked for again and again
    in(milliseconds(100), [this] { missed(); });
    return;
  }
  room_->confirmed = false;
  link_.unsubscribe();
  link_.subscribe();
  SyncActions actions;
  room_->sync.recheck(actions);
  run(std::move(actions));
}

void Server::ready() {
  if (!room_) return;
  ++room_->round;
  SyncActions actions;
  room_->sync.lost();
  room_->sync.start(actions);
  run(std::move(actions));
  pump();
}

void Server::lost() {
  if (!room_) return;
  ++room_->round;
  room_->sync.lost();
}

void Server::run(SyncActions actions) {
  while (!actions.empty()) {
    SyncActions more;
    for (const SyncAction& action : actions) perform(action, more);
    actions = std::move(more);
  }
}

void Server::perform(const SyncAction& action, SyncActions& more) {
  std::visit(overloaded{[&](const Subscribe&) {
                          if (room_->confirmed) {
                            room_->sync.subscribed(more);
                          } else {
                            link_.subscribe();
                          }
                        },
                        [&](const Settle&) { settle(); }, [&](const ReadPage& page) { read(page); },
                        [&](const Append& append) {
                          Port port(*this);
                          room_->feed.append(append.batch, room_->sync, port);
                        },
                        [&](const Opened& event) { opened(event.new_epoch, more); }},
             action);
}

Seen Server::seen() const {
  return {link_.run(), room_->sync.state().epoch, room_->sync.seen(),
          "e" + std::to_string(time_.below(1'000'000'000))};
}

void Server::settle() {
  if (!link_.ready()) return;
  link_.ask(
      Link::kCommands, [seen = seen()](FakeRedis& redis) { return BusAnswer(redis.settle(seen)); },
      [this, round = room_->round](const std::optional<BusAnswer>& answer) {
        if (!room_ || room_->round != round) return;
        const auto* const state = answer ? std::get_if<EpochState>(&*answer) : nullptr;
        if (state == nullptr) return retry_later();
        SyncActions actions;
        room_->sync.settled(*state, actions);
        run(std::move(actions));
      });
}

void Server::read(const ReadPage& page) {
  if (!link_.ready()) return;
  link_.ask(
      Link::kReader,
      [page](FakeRedis& redis) { return BusAnswer(redis.read(page.from, page.to, kReadBytes)); },
      [this, round = room_->round](const std::optional<BusAnswer>& answer) {
        if (!room_ || room_->round != round) return;
        const auto* const found = answer ? std::get_if<Page>(&*answer) : nullptr;
        if (found == nullptr) return retry_later();
        SyncActions actions;
        room_->sync.page(found->batches, found->complete, found->epoch, time_.wall(), actions);
        run(std::move(actions));
      });
}

void Server::retry_later() {
  in(kQuestionRetry, [this, round = room_->round] {
    if (!room_ || room_->round != round) return;
    SyncActions actions;
    room_->sync.retry(actions);
    run(std::move(actions));
  });
}

void Server::opened(bool new_epoch, SyncActions& more) {
  time_.trace([&] {
    return id_ + ": open at " + room_->sync.state().epoch + " " +
           std::to_string(room_->sync.state().seq) + ", history from " +
           std::to_string(room_->sync.first_seq());
  });
  Port port(*this);
  if (room_->feed.opened(new_epoch, room_->sync, port)) room_->sync.recheck(more);
  pump();
}

// What follows is server/publisher.cc.

void Server::pump() {
  if (!link_.ready() || !room_->sync.opened()) return;
  if (const auto* flight = room_->commit.in_flight()) {
    if (!flight->sending) send();
    return;
  }
  const auto due = room_->commit.due();
  if (!due) return;
  if (*due > time_.now()) {
    in(*due - time_.now(), [this] {
      if (room_) pump();
    });
    return;
  }
  room_->commit.begin(numbers_.take(), time_.now());
  send();
}

void Server::send() {
  auto& flight = *room_->commit.in_flight();
  Publication publication{id_,
                          flight.number,
                          static_cast<std::uint32_t>(flight.messages.size()),
                          room_->sync.trim_id(),
                          {}};
  for (const Outgoing& message : flight.messages) {
    if (!publication.lines.empty()) publication.lines += '\n';
    publication.lines += message.line;
  }
  flight.sending = true;
  link_.ask(
      Link::kCommands,
      [seen = seen(), publication = std::move(publication), now = time_.wall()](FakeRedis& redis) {
        return BusAnswer(redis.publish(seen, publication, now));
      },
      [this, number = flight.number](const std::optional<BusAnswer>& answer) {
        const auto* in_flight = room_ ? room_->commit.in_flight() : nullptr;
        if (in_flight != nullptr && in_flight->number == number) answered(answer);
      });
}

void Server::answered(const std::optional<BusAnswer>& answer) {
  auto& flight = *room_->commit.in_flight();
  flight.sending = false;
  if (!answer) {
    flight.handed = true;
    pump();
    return;
  }
  const auto* const receipt = std::get_if<Receipt>(&*answer);
  if (receipt == nullptr || receipt->stale) {
    in(kRefusedRetry, [this] {
      if (room_) pump();
    });
    return;
  }
  finished(*receipt);
}

void Server::finished(const Receipt& receipt) {
  const std::vector<Outgoing> messages = room_->commit.finish();
  room_->sync.acked(receipt.epoch, receipt.first_seq + messages.size() - 1);
  std::vector<Acks> answers(loops_.size());
  for (std::size_t i = 0; i < messages.size(); ++i) {
    const Outgoing& message = messages[i];
    if (message.id.empty()) continue;
    answers[message.viewer.loop].acks.push_back(
        {message.viewer, static_cast<LineId>(std::stoul(message.id)), receipt.first_seq + i});
  }
  for (std::uint32_t loop = 0; loop < loops_.size(); ++loop) {
    if (!answers[loop].acks.empty()) static_cast<void>(post(loop, std::move(answers[loop])));
  }
  pump();
}

void Server::tick() {
  if (room_ && !room_->commit.idle()) sweep();
  drop_if_unused();
  if (room_) trim();
  for (const auto& at : loops_) at->loop->tick();
  in(std::chrono::seconds(1), [this] { tick(); });
}

void Server::sweep() {
  std::vector<Unavailable> refused(loops_.size());
  for (Outgoing& message : room_->commit.take_expired(time_.now() - kUnavailableAfter)) {
    refused[message.viewer.loop].messages.push_back({message.viewer, std::move(message.id)});
  }
  std::vector<FateUnknown> unknown(loops_.size());
  for (const auto& waiter : room_->commit.take_unanswered(time_.now() - kFateUnknownAfter)) {
    unknown[waiter.viewer.loop].viewers.push_back(waiter.viewer);
  }
  for (std::uint32_t loop = 0; loop < loops_.size(); ++loop) {
    if (!refused[loop].messages.empty()) static_cast<void>(post(loop, std::move(refused[loop])));
    if (!unknown[loop].viewers.empty()) static_cast<void>(post(loop, std::move(unknown[loop])));
  }
}

void Server::trim() {
  const std::uint64_t before = room_->sync.first_seq();
  room_->sync.trim(time_.wall());
  const std::uint64_t keep_from = room_->sync.first_seq();
  if (keep_from == before) return;
  for (std::uint32_t loop = 0; loop < loops_.size(); ++loop) {
    if (room_->feed.open(loop)) static_cast<void>(post(loop, KeepFrom{keep_from}));
  }
}

void Server::rest() {
  if (room_ && room_->sync.rest({time_.wall().ms + kSooner.count()})) {
    Port port(*this);
    for (std::uint32_t loop = 0; loop < loops_.size(); ++loop) room_->feed.stirred(loop);
    room_->feed.rest(room_->sync, port);
  }
  in(kRestEvery, [this] { rest(); });
}

}  // namespace spillway::room::simulation
