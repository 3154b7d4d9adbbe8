"""The two session policies that bound every guest of the enhanced flow, whatever their role allows.

A request must be allowed by the role and by one of the two. Source: Cognito developer guide, "Access policies:
unauthenticated identities" (the inline policy and ``AmazonCognitoUnAuthedIdentitiesSessionPolicy``).
"""

import json

_INLINE_ACTIONS = """
    cloudwatch:* logs:* dynamodb:* kinesis:* mobileanalytics:* s3:* ses:* sns:* sqs:* lambda:* machinelearning:*
    execute-api:* iot:* gamelift:* cognito-identity:* cognito-idp:* lex:* polly:* comprehend:* translate:* transcribe:*
    rekognition:* mobiletargeting:* firehose:* appsync:* personalize:* sagemaker:InvokeEndpoint cognito-sync:*
    codewhisperer:* textract:DetectDocumentText textract:AnalyzeDocument sdb:*
"""

_MANAGED_ACTIONS = """
    rum:PutRumEvents sagemaker:InvokeEndpoint polly:* comprehend:* translate:* transcribe:* rekognition:*
    mobiletargeting:* firehose:* personalize:* geo:GetMap* geo:ListMaps geo:SearchPlaceIndex* geo:GetPlace
    geo:CalculateRoute* geo:*Geofence geo:*Geofences geo:*DevicePosition* kms:Encrypt kms:Decrypt kms:ReEncryptTo
    kms:ReEncryptFrom kms:GenerateDataKey kms:GenerateDataKeyPair kms:GenerateDataKeyPairWithoutPlaintext
    kms:GenerateDataKeyWithoutPlaintext
"""


def _allowing(actions: str) -> str:
    statement = {"Effect": "Allow", "Action": actions.split(), "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]}, separators=(",", ":"))


GUEST_POLICIES = (_allowing(_INLINE_ACTIONS), _allowing(_MANAGED_ACTIONS))
"""Both policies as JSON texts."""
