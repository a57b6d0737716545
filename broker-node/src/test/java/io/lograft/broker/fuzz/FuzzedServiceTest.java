package io.lograft.broker.fuzz;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.lograft.proto.v1.ListTopicsRequest;
import io.lograft.proto.v1.ListTopicsResponse;
import io.lograft.proto.v1.MetadataServiceGrpc;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What a service must not do fails an input. */
final class FuzzedServiceTest {
    /** The fourth by name. */
    private static final byte[] LIST_TOPICS = {3};

    private static void call(Consumer<StreamObserver<ListTopicsResponse>> behaviour) {
        new FuzzedService(
                        new MetadataServiceGrpc.MetadataServiceImplBase() {
                            @Override
                            public void listTopics(
                                    ListTopicsRequest request, StreamObserver<ListTopicsResponse> client) {
                                behaviour.accept(client);
                            }
                        }.bindService(),
                        () -> {})
                .call(LIST_TOPICS);
    }

    @Test
    void answersAndRefusalsAreGood() {
        assertThatCode(() -> call(client -> {
                    client.onNext(ListTopicsResponse.getDefaultInstance());
                    client.onCompleted();
                }))
                .doesNotThrowAnyException();
        assertThatCode(() -> call(client -> client.onError(Status.NOT_FOUND.asRuntimeException())))
                .doesNotThrowAnyException();
    }

    @Test
    void faultsAreFound() {
        assertThatThrownBy(() -> call(client -> client.onError(Status.INTERNAL.asRuntimeException())))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("ListTopics")
                .hasMessageContaining("INTERNAL");
        assertThatThrownBy(() -> call(client -> {
                    client.onError(Status.NOT_FOUND.asRuntimeException());
                    client.onError(Status.ABORTED.asRuntimeException());
                }))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("and then with");
        assertThatThrownBy(() -> call(client -> {
                    throw new IllegalStateException("not caught");
                }))
                .hasMessageContaining("not caught");
    }
}
