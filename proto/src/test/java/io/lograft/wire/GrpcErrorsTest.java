package io.lograft.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.rpc.ErrorInfo;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.lograft.model.ErrorCode;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

final class GrpcErrorsTest {

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void everyCodeComesBackWithMessageAndDetails(ErrorCode code) {
        StatusRuntimeException sent = GrpcErrors.exception(code, "topic 'a' is odd", Map.of("topic", "a"));
        assertThat(GrpcErrors.of(sent)).isEqualTo(new RemoteError(code, "topic 'a' is odd", Map.of("topic", "a")));
        assertThat(sent.getStatus().getCode())
                .isEqualTo(GrpcErrors.statusCode(code))
                .isNotEqualTo(Status.Code.OK);
    }

    @Test
    void theStatusCarriesAnErrorInfoForOtherLanguages() throws Exception {
        StatusRuntimeException sent = GrpcErrors.exception(ErrorCode.UNKNOWN_TOPIC, "no topic", Map.of("topic", "a"));
        ErrorInfo info = StatusProto.fromThrowable(sent).getDetails(0).unpack(ErrorInfo.class);
        assertThat(info.getDomain()).isEqualTo("lograft.io");
        assertThat(info.getReason()).isEqualTo("ERROR_CODE_UNKNOWN_TOPIC");
        assertThat(info.getMetadataMap()).containsEntry("topic", "a");
    }

    /** Names of any length come back in messages; in trailers above 8 KiB nobody would find the code. */
    @Test
    void longTextsAreCutBetweenTwoCharacters() {
        String ascii = "x".repeat(1_000);
        assertThat(message(ascii)).isEqualTo(ascii);
        assertThat(message(ascii + "y")).isEqualTo(ascii + "…");
        assertThat(message("é".repeat(501))).isEqualTo("é".repeat(500) + "…");
        assertThat(message("漢".repeat(334))).isEqualTo("漢".repeat(333) + "…");
        assertThat(message("\uD83D\uDE00".repeat(251))).isEqualTo("\uD83D\uDE00".repeat(250) + "…");
        assertThat(GrpcErrors.of(GrpcErrors.exception(ErrorCode.UNKNOWN_TOPIC, "", Map.of("topic", ascii + ascii)))
                        .details())
                .containsEntry("topic", ascii + "…");
    }

    private static String message(String text) {
        return GrpcErrors.of(GrpcErrors.exception(ErrorCode.INVALID_REQUEST, text))
                .message();
    }

    /** What a client does must be right even where no broker of ours wrote the status. */
    @ParameterizedTest
    @CsvSource({
        "UNAVAILABLE, UNAVAILABLE",
        "DEADLINE_EXCEEDED, REQUEST_TIMED_OUT",
        "UNIMPLEMENTED, UNSUPPORTED_VERSION",
        "RESOURCE_EXHAUSTED, BUSY",
        "INVALID_ARGUMENT, INVALID_REQUEST",
        "CANCELLED, UNAVAILABLE",
        "INTERNAL, INTERNAL",
        "UNKNOWN, INTERNAL",
    })
    void aStatusWithoutDetailsGetsTheCodeThatFits(Status.Code status, ErrorCode expected) {
        RemoteError error =
                GrpcErrors.of(status.toStatus().withDescription("as it is").asRuntimeException());
        assertThat(error.code()).isEqualTo(expected);
        assertThat(error.message()).isEqualTo("as it is");
    }

    @Test
    void aMessageAboveTheLimitIsNotWorthARetry() {
        Status tooLarge =
                Status.RESOURCE_EXHAUSTED.withDescription("gRPC message exceeds maximum size 4194304: 5000000");
        assertThat(GrpcErrors.of(tooLarge.asRuntimeException()).code()).isEqualTo(ErrorCode.INVALID_REQUEST);
    }

    @Test
    void aCodeOfANewerServerKeepsItsNameInTheMessage() {
        RemoteError error = GrpcErrors.of(status("lograft.io", "ERROR_CODE_OF_TOMORROW"));
        assertThat(error.code()).isEqualTo(ErrorCode.UNAVAILABLE);
        assertThat(error.message()).contains("ERROR_CODE_OF_TOMORROW");
    }

    @Test
    void detailsOfAnotherDomainAreNotOurs() {
        RemoteError error = GrpcErrors.of(status("proxy.example", "ERROR_CODE_UNKNOWN_TOPIC"));
        assertThat(error.code()).isEqualTo(ErrorCode.UNAVAILABLE);
    }

    @Test
    void anExceptionThatIsNoStatusIsInternal() {
        RemoteError error = GrpcErrors.of(new IOException("disk on fire"));
        assertThat(error.code()).isEqualTo(ErrorCode.INTERNAL);
        assertThat(error.message()).contains("disk on fire");
    }

    private static StatusRuntimeException status(String domain, String reason) {
        ErrorInfo info =
                ErrorInfo.newBuilder().setDomain(domain).setReason(reason).build();
        return StatusProto.toStatusRuntimeException(com.google.rpc.Status.newBuilder()
                .setCode(Status.Code.UNAVAILABLE.value())
                .setMessage("from elsewhere")
                .addDetails(Any.pack(info))
                .build());
    }
}
