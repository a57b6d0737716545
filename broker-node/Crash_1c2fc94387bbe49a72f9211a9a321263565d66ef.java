import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;

public class Crash_1c2fc94387bbe49a72f9211a9a321263565d66ef {
    static final String base64Bytes = String.join("", "AAARCg8KB2NsdXN0ZXIQAhgFIAEAvBJSChAAAAAAAAAABwAAAAAAAAAHGD0gAij//////////38wgICAgICAgICAAToCCAI6Fgj///////////8BEP///////////wFI////////////ARIvChAAAAAAAAAABwAAAAAAAAAHEP///////////wEYAyD//////////38wAjoCCAIaNQoQAAAAAAAAAAcAAAAAAAAABxgDIAIo//////////9/MP/v/////////wFA//////////9/");

    public static void main(String[] args) throws Throwable {
        Crash_1c2fc94387bbe49a72f9211a9a321263565d66ef.class.getClassLoader().setDefaultAssertionStatus(true);
        try {
            Method fuzzerInitialize = io.lograft.broker.fuzz.ReplicationRequestFuzz.class.getMethod("fuzzerInitialize");
            fuzzerInitialize.invoke(null);
        } catch (NoSuchMethodException ignored) {
            try {
                Method fuzzerInitialize = io.lograft.broker.fuzz.ReplicationRequestFuzz.class.getMethod("fuzzerInitialize", String[].class);
                fuzzerInitialize.invoke(null, (Object) args);
            } catch (NoSuchMethodException ignored1) {
            } catch (IllegalAccessException | InvocationTargetException e) {
                e.printStackTrace();
                System.exit(1);
            }
        } catch (IllegalAccessException | InvocationTargetException e) {
            e.printStackTrace();
            System.exit(1);
        }
        byte[] input = java.util.Base64.getDecoder().decode(base64Bytes);
        io.lograft.broker.fuzz.ReplicationRequestFuzz.fuzzerTestOneInput(input);
    }
}