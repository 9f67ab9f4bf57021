// What ThreadSanitizer is told about libzmq, which is not instrumented: it hands memory from thread to thread by means
// that cannot be seen from outside. What is ours stays under watch.
#if defined(__SANITIZE_THREAD__)

extern "C" const char* __tsan_default_suppressions();

extern "C" const char* __tsan_default_suppressions() {
  return "called_from_lib:libzmq.so\n"
         // A body that was lent is given back on libzmq's thread.
         "race:fulmar::transport::*::release\n";
}

#endif
