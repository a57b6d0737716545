package io.lograft.broker.controller;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.stub.StreamObserver;
import io.lograft.model.BrokerId;
import io.lograft.model.ErrorCode;
import io.lograft.proto.v1.ChangeVotersRequest;
import io.lograft.proto.v1.ChangeVotersResponse;
import io.lograft.wire.GrpcErrors;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class QuorumServiceApiTest {
    private final QuorumServiceApi service =
            new QuorumServiceApi(new BrokerId(1), null, null, null, Optional::empty, null);
    private final List<ErrorCode> answers = new ArrayList<>();

    /** On the controller's loop such an id would end the process. */
    @Test
    void anImpossibleIdIsRefusedBeforeAnythingElse() {
        change(ChangeVotersRequest.newBuilder().setAdd(-1));
        change(ChangeVotersRequest.newBuilder().setRemove(Integer.MIN_VALUE));
        change(ChangeVotersRequest.newBuilder().setAdd(0));
        change(ChangeVotersRequest.newBuilder().setTransferTo(-1));
        assertThat(answers)
                .containsExactly(
                        ErrorCode.INVALID_REQUEST,
                        ErrorCode.INVALID_REQUEST,
                        ErrorCode.NOT_CONTROLLER,
                        ErrorCode.NOT_CONTROLLER);
    }

    private void change(ChangeVotersRequest.Builder request) {
        service.changeVoters(request.build(), new StreamObserver<>() {
            @Override
            public void onNext(ChangeVotersResponse response) {
                answers.add(ErrorCode.NONE);
            }

            @Override
            public void onError(Throwable failure) {
                answers.add(GrpcErrors.of(failure).code());
            }

            @Override
            public void onCompleted() {
                // The answer came before.
            }
        });
    }
}
