// What ThreadSanitizer is told about libzmq, and libsodium under it, which are not instrumented: they hand memory from
// thread to thread by means that cannot be seen from outside. What is ours stays under watch.
#if defined(__SANITIZE_THREAD__)

extern "C" const char* __tsan_default_suppressions();

extern "C" const char* __tsan_default_suppressions() {
  return "called_from_lib:libzmq.so\n"
         "called_from_lib:libsodium.so\n"
         // One of the two threads got the memory from libzmq, or gives it back there.
         "race:libzmq.so\n";
}

#endif
