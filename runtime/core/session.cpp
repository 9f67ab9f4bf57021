#include "runtime/core/session.hpp"

#include <algorithm>
#include <utility>

#include "runtime/vocabulary/random.hpp"

namespace fulmar::core {
namespace effect = session_effect;
namespace event = session_event;

const char* to_string(SessionState state) {
  switch (state) {
    case SessionState::joining:
      return "joining";
    case SessionState::member:
      return "member";
    case SessionState::leaving:
      return "leaving";
    case SessionState::over:
      return "over";
  }
  return "unknown";
}

NodeSession::NodeSession(SessionSettings settings)
    : settings_(std::move(settings)), clock_(settings_.liveness.gap_max()), pause_(settings_.liveness.rejoin_first()) {}

SessionEffects NodeSession::step(Time now, const SessionEvent& happened) {
  now_ = clock_.look(now);
  if (state_ != SessionState::over) std::visit([&](const auto& concrete) { on(concrete); }, happened);
  return std::exchange(effects_, {});
}

// ---- how a session begins

void NodeSession::send_join() {
  join_at_ = now_ + next_pause();
  effects_.push_back(
      effect::SendJoin{{settings_.name, settings_.slots, settings_.instance, attempt_, /*local=*/false}});
}

Time NodeSession::next_pause() {
  const RandomStream scatter(settings_.instance, Purpose::rejoin_pause, 0, 0);
  const double part = 0.5 + 0.5 * static_cast<double>(scatter.uniform(pauses_++));
  const Time pause(static_cast<Time::rep>(static_cast<double>(pause_.count()) * part));
  pause_ = std::min(2 * pause_, settings_.liveness.rejoin_max());
  return pause;
}

void NodeSession::on(const Welcome& welcome) {
  const bool for_us = welcome.attempt == attempt_ && welcome.instance == settings_.instance;
  if (state_ != SessionState::joining || !for_us) return;  // SESSION-2
  state_ = SessionState::member;
  identity_ = welcome.identity;
  began_ = heard_ = now_;
  beat_at_ = now_ + settings_.liveness.beat();
  effects_.push_back(effect::BeginSession{welcome});
}

// ---- while it lasts

void NodeSession::on(const event::Heard&) {
  heard_ = now_;
}

void NodeSession::on(const event::LeaveRequested&) {
  if (state_ == SessionState::joining) be_over("asked to leave before it was welcomed");
  if (state_ != SessionState::member) return;
  state_ = SessionState::leaving;
  effects_.push_back(effect::SendLeave{});
}

void NodeSession::on(const event::Tick&) {
  const Liveness& liveness = settings_.liveness;
  if (state_ == SessionState::joining) {
    if (!join_at_ || now_ >= *join_at_) send_join();
  } else if (now_ - heard_ >= liveness.lost_after()) {
    end_session("the head has been silent for too long");
  } else if (now_ >= beat_at_) {
    beat_at_ = now_ + liveness.beat();
    effects_.push_back(effect::SendBeat{});
  }
}

// ---- how it ends

void NodeSession::on(const event::Gone& gone) {
  if (is_present(gone.session)) end_session("the head does not know this session any longer");
}

void NodeSession::on(const event::Broken& broken) {
  if (is_present(broken.session)) end_session(broken.cause);
}

// A node that lost its session and is asking for another may still be told that it is not wanted back.
void NodeSession::on(const event::Dismissed& dismissed) {
  const Farewell& farewell = dismissed.farewell;
  const bool was_ours = dismissed.session == identity_;  // or of a process that had this address before
  if (is_present(dismissed.session)) end_session(farewell.reason);
  if (state_ == SessionState::joining && was_ours && !farewell.may_return) be_over(farewell.reason);
}

void NodeSession::end_session(const std::string& cause) {
  effects_.push_back(effect::EndSession{cause});
  if (state_ == SessionState::leaving) return be_over(cause);
  state_ = SessionState::joining;
  ++attempt_;
  // Pauses go on growing over sessions that end soon after they began.
  if (now_ - began_ >= settings_.liveness.rejoin_max()) pause_ = settings_.liveness.rejoin_first();
  join_at_ = now_ + next_pause();
}

void NodeSession::be_over(const std::string& reason) {
  state_ = SessionState::over;
  effects_.push_back(effect::Over{reason});
}

}  // namespace fulmar::core
