// What a head saw, written down for tests and benches to follow while it runs. A line for each event:
//
//   NANOSECONDS EVENT {"key":value,...}
//
//   started                                           the head's process: it knows nobody yet
//   round      version, samples, seconds              a version is out
//   member     node, incarnation, name, state         came into that state
//   gone       node, incarnation, name                is no longer a member
//   relief     leased, duplicated                     leaves of the round under way have other holders now
//   recovered  detection, recovery                    in seconds: what a lost member had has holders again
//   dropped    reason                                 a message of a member that was of no use
//   trouble    message
//   and each record of the journal under its type, with its members (runtime/storage/journal_codec.hpp)
//
// The time is CLOCK_MONOTONIC's, so that a test on the same machine can compare it with its own.
// Thread rule: as RunObserver's.
#pragma once

#include <cstdio>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "actors/run_observer.hpp"
#include "runtime/vocabulary/result.hpp"

namespace fulmar::testing {

class EventLog final : public actors::RunObserver {
 public:
  /// Appends to the file at `path`. Errors name it.
  static Result<std::unique_ptr<EventLog>> open(const std::string& path);

  void on_round(const core::RunState& state, const core::Verdict& verdict, std::uint64_t samples,
                double seconds) override;
  void on_record(const core::JournalRecord& record) override;
  void on_members(const core::Membership& members) override;
  void on_relief(std::uint64_t leased, std::uint64_t duplicated) override;
  void on_recovery(const actors::Recovery& recovery) override;
  void on_dropped_message(const std::string& reason) override;
  void on_trouble(const std::string& message) override;

 private:
  struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  struct Known {
    std::string name;
    core::MemberState state = core::MemberState::fetching;
  };

  explicit EventLog(std::FILE* file) : file_(file) {}
  void write(const char* event, const std::string& members);

  std::unique_ptr<std::FILE, CloseFile> file_;
  std::map<std::pair<core::NodeId, core::Incarnation>, Known> known_;
};

}  // namespace fulmar::testing
