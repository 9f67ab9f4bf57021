// An expected failure as a value: a bad config, a missing file, a corrupt checkpoint.
//
// The message of an Error names the file, the key or line, what was found, what was expected, and what to do.
// A broken invariant is not an Error: see assert.hpp. A peer's failure is neither: it is an event of the protocol.
// Thread rule: values, no shared state.
#pragma once

#include <string>
#include <utility>
#include <variant>

#include "runtime/vocabulary/assert.hpp"

namespace fulmar {

struct Error {
  std::string message;
};

/// Either a value or an Error. Reading the side that is not there is a broken invariant.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : content_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : content_(std::in_place_index<1>, std::move(error)) {}

  bool ok() const { return content_.index() == 0; }
  explicit operator bool() const { return ok(); }

  T& value() & { return checked(), std::get<0>(content_); }
  const T& value() const& { return checked(), std::get<0>(content_); }
  T&& value() && { return checked(), std::get<0>(std::move(content_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  const Error& error() const {
    FULMAR_ASSERT(!ok(), "a Result without an error was asked for it");
    return std::get<1>(content_);
  }

 private:
  void checked() const { FULMAR_ASSERT(ok(), "a failed Result was read: " + std::get<1>(content_).message); }

  std::variant<T, Error> content_;
};

/// Success without a value, or an Error.
template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : failed_(true), error_(std::move(error)) {}

  bool ok() const { return !failed_; }
  explicit operator bool() const { return ok(); }
  const Error& error() const {
    FULMAR_ASSERT(failed_, "a Result without an error was asked for it");
    return error_;
  }

 private:
  bool failed_ = false;
  Error error_;
};

}  // namespace fulmar
