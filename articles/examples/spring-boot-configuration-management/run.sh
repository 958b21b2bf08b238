#!/bin/sh
# One letter is missing in the first name: PAYMENT, not PAYMENTS.
# The second is a leftover from before the secret was mounted as a file.
PAYMENT_GATEWAY_BASEURL=https://gateway.example \
PAYMENTS_GATEWAY_APIKEY=old-key-somebody-forgot \
    java Settings.java

out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
echo "parameter names, javac without -parameters:"
javac -d "$out" Names.java && java -cp "$out" Names
echo "parameter names, javac -parameters:"
javac -parameters -d "$out" Names.java && java -cp "$out" Names
