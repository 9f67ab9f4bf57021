// Asks the head of a run a question, over a connection made for it, and waits for the answer: what `fulmar status`,
// `fulmar drain` and `fulmar policy` do, and how `fulmar join` learns which run it is about to join.
// Thread rule: pure but for the connection, which lasts no longer than the call; blocks the caller.
//
// CLIENT-1: ask() returns within `patience` and a tick, with an answer or with words on why there is none.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "actors/commands/command.hpp"
#include "runtime/transport/datagram.hpp"
#include "runtime/transport/endpoint.hpp"
#include "runtime/transport/keys.hpp"
#include "runtime/vocabulary/result.hpp"

namespace fulmar::commands {

/// Where a head is, and what to show it.
struct HeadAddress {
  transport::Endpoint endpoint;
  std::optional<transport::ClientKeys> keys;  ///< empty: in clear
};

/// `keys`: a client's directory as `fulmar keygen` makes it, or "".
Result<HeadAddress> head_address(const std::string& endpoint, const std::string& keys);

using Question =
    std::variant<transport::Hello, transport::StatusRequest, transport::DrainRequest, transport::PolicyRequest>;

/// Long enough for a head under load on a slow network.
inline constexpr auto kAnswerPatience = std::chrono::seconds(5);

/// What the head said; a Refusal of our own words where it said nothing (which may be retried), or will not talk to us.
transport::Datagram ask(const HeadAddress& head, const Question& question, core::Time patience = kAnswerPatience);

/// The answer of the kind that belongs to the question.
template <class Answer>
std::variant<Answer, transport::Refusal> ask_for(const HeadAddress& head, const Question& question) {
  transport::Datagram said = ask(head, question);
  if (auto* answer = std::get_if<Answer>(&said.content)) return std::move(*answer);
  if (auto* refusal = std::get_if<transport::Refusal>(&said.content)) return std::move(*refusal);
  return transport::Refusal{transport::to_string(head.endpoint) +
                                " gave an answer to something else; is it the head "
                                "of a run, of this version of Fulmar?",
                            /*may_retry=*/false};
}

/// What a command that asks one question is told.
struct HeadOptions {
  std::string endpoint;
  std::string keys;
};
void add_head_options(CLI::App& command, HeadOptions& options);

/// The answer; or an Error that says why there is none.
template <class Answer>
Result<Answer> ask_as_told(const HeadOptions& options, const Question& question) {
  const Result<HeadAddress> head = head_address(options.endpoint, options.keys);
  if (!head) return head.error();
  std::variant<Answer, transport::Refusal> said = ask_for<Answer>(*head, question);
  if (const auto* refusal = std::get_if<transport::Refusal>(&said)) return Error{refusal->reason};
  return std::move(std::get<Answer>(said));
}

}  // namespace fulmar::commands
