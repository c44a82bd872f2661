"""Our proofs (FEP-8b32), verified by apsig (AGPL-3.0, from the Python package index)."""

import copy
import json
import pathlib
import sys

from apsig import ProofVerifier

file = pathlib.Path(__file__).with_name("signed.json")
data = json.loads(file.read_text(encoding="utf-8"))
key = data["author"]["assertionMethod"][0]["publicKeyMultibase"]
passed = failed = 0


def say(name: str, is_right: bool) -> None:
    global passed, failed
    print(f"{'ok' if is_right else 'FAILED'}  {name}")
    passed += is_right
    failed += not is_right


def is_valid(document: dict) -> bool:
    # the library takes what it needs out of its argument
    try:
        return bool(ProofVerifier(key).verify_proof(copy.deepcopy(document)))
    except Exception as error:  # a refusal may be an exception of any kind
        print(f"    {type(error).__name__}: {error}")
        return False


for document in data["signed"]:
    say(f"apsig verifies our {document['type']}", is_valid(document))
    altered = {**document, "id": document["id"] + "0"}
    say(f"apsig refuses our {document['type']} once altered", not is_valid(altered))

print(f"{passed} passed, {failed} failed")
sys.exit(failed != 0)
