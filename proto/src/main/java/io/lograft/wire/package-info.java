/**
 * Between the model and the generated messages and gRPC statuses; broker and client use it alike. Generated types stop
 * here and in the packages that talk gRPC: they never reach code that decides.
 */
package io.lograft.wire;
